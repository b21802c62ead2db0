import { describe, expect, it } from 'vitest';
import { draftStylesheet } from './draft-theme';

describe('the stylesheet of a theme that is not saved', () => {
	it('is that of the theme, defaults filled in', () => {
		expect(draftStylesheet({ accent: '#c8102e', radius: 4 })).toContain('--radius:4px');
		expect(draftStylesheet({})).toContain('--radius:12px');
	});
	it('has the operator’s own css made harmless', () => {
		const css = draftStylesheet({
			css: '@import url(https://evil.example/x.css); .page-card{background:url(https://evil.example/x.png)}',
		});
		expect(css).toContain('.page-card');
		expect(css).not.toContain('evil.example');
	});
	it.each([[{ accent: '#12' }], [{ radius: 99 }], [{ mode: 'sepia' }], [undefined], ['text']])(
		'does not exist yet for %j',
		(draft) => expect(draftStylesheet(draft)).toBeUndefined(),
	);
});
