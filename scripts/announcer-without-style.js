/**
 * SvelteKit's route announcer hides itself with a style attribute, which our content security policy
 * refuses on every page. The rules stand in src/lib/ui/base.css instead.
 *
 * @returns {import('vite').Plugin}
 */
export function announcerWithoutStyle() {
	return {
		name: 'menshen:announcer',
		enforce: 'pre',
		transform(code, id) {
			if (!id.split('?')[0]?.endsWith('/generated/root.svelte')) return undefined;
			const without = code.replace(/(<div id="svelte-announcer"[^>]*?) style="[^"]*"/, '$1');
			if (without === code)
				throw new Error(
					'SvelteKit writes its announcer in another way now: see scripts/announcer-without-style.js',
				);
			return { code: without, map: null };
		},
	};
}
