/** The plugin SDK: everything a plugin may import of Menshen. Documented in docs/plugins.md. */
export * from './config';
export * from './context';
export * from './define-plugin';
export * from './failures';
export * from './kinds';
export * from './manifest';
export * from './replies';
