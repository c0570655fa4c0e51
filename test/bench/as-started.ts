/** How `npm start` starts the process, where that is not how the tests do. */
export const AS_STARTED = { MALLOC_TRIM_THRESHOLD_: '131072', NODE_DISABLE_COMPILE_CACHE: '1' };
