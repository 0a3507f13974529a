//! Tests that need more than students should compile: model checkers, the compiler's messages, a browser.
