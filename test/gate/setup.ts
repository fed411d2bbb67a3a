/** Before the unit tests: what the gate is tested with. */
export { installHaproxy as default } from './haproxy-installed.ts';
