import adapter from '@sveltejs/adapter-node';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/**
 * The client router's announcer brings a style attribute, which the content security policy refuses.
 * It is taken out; src/lib/ui/base.css hides the announcer instead.
 *
 * @type {import('svelte/compiler').PreprocessorGroup}
 */
const unstyledAnnouncer = {
	name: 'unstyled-announcer',
	markup: ({ content, filename }) =>
		filename?.endsWith('generated/root.svelte')
			? { code: content.replace(/(<div id="svelte-announcer"[^>]*?) style="[^"]*"/, '$1') }
			: undefined,
};

/** @type {import('@sveltejs/kit').Config} */
export default {
	preprocess: [vitePreprocess(), unstyledAnnouncer],
	compilerOptions: { runes: true },
	kit: {
		adapter: adapter({ precompress: true }),
		alias: { '@menshen/plugin-kit': 'src/lib/plugin-kit', $plugins: 'plugins' },
		// No form-action: browsers apply it to the whole way back to the relying party after a form post.
		csp: {
			mode: 'hash',
			directives: {
				'default-src': ['none'],
				'script-src': ['self'],
				'style-src': ['self'],
				'img-src': ['self', 'data:'],
				'font-src': ['self'],
				'connect-src': ['self'],
				'manifest-src': ['self'],
				'base-uri': ['none'],
				'object-src': ['none'],
				'frame-ancestors': ['none'],
			},
		},
		typescript: {
			config: (config) => ({
				...config,
				include: [
					...config.include,
					'../plugins/**/*.ts',
					'../plugins/**/*.svelte',
					'../tests/**/*.ts',
					'../*.ts',
				],
			}),
		},
	},
};
