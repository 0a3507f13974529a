// What the theme's scripts are handed from elsewhere: each other, the pages, `course serve`, and two libraries.
// The names that Rust knows as well stand in scripts/book/src/markup.rs; scripts/checks/tests/theme.rs compares.

/** What a page's elements can be asked; which of them a selector finds is not known here. */
interface Found extends HTMLElement {
  checked: boolean;
  defaultValue: string;
  disabled: boolean;
  hash: string;
  href: string;
  max: number;
  name: string;
  open: boolean;
  options: HTMLOptionsCollection;
  pathname: string;
  selectedOptions: HTMLCollectionOf<HTMLOptionElement>;
  value: any;
  viewBox: SVGAnimatedRect;
  add(option: HTMLOptionElement): void;
  cloneNode(deep?: boolean): Found;
  append(...content: (Node | string)[]): void;
  focus(options?: FocusOptions): void;
  select(): void;
  showModal(): void;
  close(): void;
}

interface ParentNode {
  querySelector(selectors: string): Found;
  querySelectorAll(selectors: string): NodeListOf<Found>;
}
interface Document {
  getElementById(id: string): Found;
}
interface Performance {
  getEntriesByType(type: 'navigation'): PerformanceNavigationTiming[];
}
interface Element {
  closest(selectors: string): Found;
  // A Boolean and a number become text by themselves.
  setAttribute(name: string, value: boolean | number): void;
}
interface EventTarget extends Partial<Pick<Found, 'closest' | 'value'>> {}

/** What is remembered, by name; `null` where nothing is, or where the browser refuses. */
interface Memory {
  get(name: string): string | null;
  set(name: string, value: string): void;
}

/** What the scripts share: course.js, and what others of them add. */
interface Course {
  /** Begins every address that `course serve` answers itself. */
  SERVER: string;
  /** Between groups of three digits, and before a unit. */
  THIN: string;
  /** What the reader wants of every page, now and later: the attribute of the page has the name of the choice. */
  choose(name: 'theme' | 'python', choice: string): void;
  /** Whether `course serve` delivered this page: then programs run and experiments are measured from it. */
  delivered: boolean;
  element(name: string, className?: string, ...content: (Node | string)[]): Found & any;
  /** "1 234", with thin spaces. */
  grouped(n: number | bigint): string;
  /** Three significant digits, and all before the point: "0.125", "10.0", "1 234". As figures/units.rs writes them. */
  number(value: number): string;
  /** Does this now, and again whenever the page shows another machine's numbers. */
  onMachine(act: () => void): void;
  /** In this browser. */
  remember: Memory;
  /** The choices that are remembered, into the page. */
  restore(): void;
  /** To readers who do not see the page change. */
  say(sentence: string): void;
  /** For as long as this tab is open. */
  tab: Memory;
  /** The key that the server's address ended with. */
  token(): string | null;
  /** machines.js: shows this machine, or the one that was chosen last. */
  machines?(wanted?: string): Promise<{ usual: string }>;
  settled?: Promise<unknown>;
  /** served.js */
  ask?(what: 'run' | 'measure' | 'exercise', body: object, signal: AbortSignal): AsyncGenerator<Message>;
  ready?(what: string, alone: string): boolean;
  /** steps.js */
  steps?: Steps;
}

/** A line of an answer of `course serve`: those of its keys that this message has. */
interface Message {
  waiting?: number;
  started?: string;
  ended?: string;
  how?: 'success' | 'failure' | 'stopped' | 'limit';
  // A run.
  out?: string;
  err?: string;
  // A measurement.
  round?: number;
  of?: number;
  point?: string;
  seconds_left?: number;
  machine?: string;
  rendering?: boolean;
  built?: string;
  not_built?: string;
  // An exercise that is watched.
  watching?: string;
  compiling?: boolean;
  tests?: number;
  test?: string;
  said?: Complaint[];
  passed?: boolean;
  refused?: Refused;
  gone?: boolean;
  trouble?: string;
  score?: Score;
}
interface Complaint {
  line: number | null;
  message: string;
}
interface Refused {
  line: number | null;
  message: string;
  more: number;
}
interface Score {
  passed: number;
  tests: number;
  hint: boolean;
  next: Next | null;
}
interface Next {
  name: string;
  label: string;
  page: string;
}

/** machines/index.json */
interface Index {
  default: string;
  local?: string;
  machines: Machine[];
}
interface Machine {
  name: string;
  label: string;
  line: string;
  cores?: number;
}

/** machines/NAME/EXPERIMENT.trace.json */
interface Trace {
  traceEvents: Span[];
}
interface Span {
  ph: string;
  pid: number;
  tid: number;
  name: string;
  cat: 'running' | 'waiting';
  ts: number;
  dur: number;
  args: Args;
}
interface Args {
  name?: string;
  kind?: string;
  ended_by?: string;
  from?: { tid: number; ts: number };
}

/** The explorer's program, in `data-program`: a name is the place of what it names in its list. */
interface Program {
  kind: 'threads' | 'tasks';
  variables: { name: string; thread?: number; first?: number }[];
  locks: string[];
  conditions: string[];
  semaphores: { name: string; permits: number }[];
  channels: { name: string; room?: number; senders: number[] }[];
  threads: { name: string; steps: any[] }[];
  ending: number;
  right: number;
  goals: { text: string; ending: number | 'stuck'; switches: number; order: number[]; never: boolean }[];
}
interface Steps {
  STUCK: string;
  MOST: bigint;
  plus(a: number | bigint, b: number | bigint): number | bigint;
  only(thread: number): number;
  replaced<T>(list: T[], at: number, value: T): T[];
  sum(state: any, terms: any[]): number;
  asleep(program: Program, state: any, condition: number): number;
  heard(state: any, condition: number): number;
  walker(program: Program): any;
}

interface Window {
  course: Course;
  /** mdBook's search index, and the engine that reads it. */
  search: { index?: object; search_options?: object; doc_urls?: string[] };
  elasticlunr: { Index: { load(index: object): any } };
  mermaid: {
    initialize(settings: object): void;
    render(id: string, source: string, place: Element): Promise<{ svg: string }>;
  };
}
