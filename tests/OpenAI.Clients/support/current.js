// Preloaded: the tests get their packages from current/, which has the generation of clients that needs Node 22.
import { registerHooks } from 'node:module';

const packages = new URL('../current/package.json', import.meta.url).href;
const here = new URL('..', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) => {
    const isOurs = context.parentURL?.startsWith(here) && !context.parentURL.includes('/node_modules/');
    return next(specifier, isOurs && /^[@a-z]/.test(specifier) && !specifier.includes(':') ? { ...context, parentURL: packages } : context);
  },
});
