// What a reviewer would say of a script without running it: names that are not defined or not used, code that is
// never reached, comparisons that convert. `npm run types` asks the rest.

import js from '@eslint/js';
import globals from 'globals';

const rules = {
  ...js.configs.recommended.rules,
  'array-callback-return': 'error',
  'consistent-return': 'error',
  curly: ['error', 'multi-line'],
  'default-case-last': 'error',
  eqeqeq: 'error',
  'no-else-return': 'error',
  'no-eval': 'error',
  'no-implicit-coercion': ['error', { boolean: false }],
  'no-loop-func': 'error',
  'no-param-reassign': 'error',
  'no-promise-executor-return': 'error',
  'no-self-compare': 'error',
  'no-unused-expressions': 'error',
  'no-use-before-define': ['error', { functions: false, variables: false }],
  'no-useless-return': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'prefer-template': 'error',
  strict: ['error', 'function'],
};

export default [
  { ignores: ['**/node_modules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  // mdBook serves the theme's scripts as classic ones.
  { files: ['theme/**/*.js'], languageOptions: { sourceType: 'script', globals: globals.browser }, rules },
  {
    files: ['scripts/checks/lighthouse/*.{js,mjs}'],
    languageOptions: { globals: { ...globals.node, document: 'readonly', window: 'readonly' } },
    rules: { ...rules, strict: 'off' },
  },
];
