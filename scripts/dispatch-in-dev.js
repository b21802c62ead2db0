/**
 * In development Vite takes the place of server.js: the same dispatcher sees each request before
 * SvelteKit does (docs/architecture.md, "OpenID Connect"). The dispatcher is exposed by hooks.server.ts.
 *
 * @returns {import('vite').Plugin}
 */
export function dispatchInDev() {
	return {
		name: 'menshen:dispatch',
		apply: 'serve',
		configureServer(server) {
			if (process.env.VITEST) return;
			server.middlewares.use(async (req, res, next) => {
				try {
					const hooks = await server.ssrLoadModule('/src/hooks.server.ts');
					const dispatch = await hooks.dispatcher();
					if (!(await dispatch(req, res))) next();
				} catch (error) {
					next(error);
				}
			});
		},
	};
}
