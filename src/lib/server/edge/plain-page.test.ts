import { describe, expect, it } from 'vitest';
import { refusalResponse } from './plain-page';

const page = {
	status: 404,
	problem: {
		code: 'app/not-found' as const,
		message: 'There is no such app here. <script>alert(1)</script>',
	},
	locale: 'zh-CN' as const,
	link: { href: '/"onmouseover="x', text: 'Home & more' },
};
const ask = (accept: string) =>
	refusalResponse(new Request('https://id.example/x', { headers: { accept } }), page);

describe('a refusal before any page', () => {
	it('is a page for browsers, in their language, with everything escaped', async () => {
		const answer = ask('text/html,*/*');
		const html = await answer.text();
		expect(answer.status).toBe(404);
		expect(html).toContain('lang="zh-CN"');
		expect(html).toContain('&lt;script&gt;');
		expect(html).not.toContain('<script');
		expect(html).not.toContain('"onmouseover');
	});

	it('is JSON with the code for all other clients', async () => {
		const answer = ask('application/json');
		expect(answer.headers.get('content-type')).toContain('application/json');
		expect(await answer.json()).toMatchObject({ code: 'app/not-found' });
	});
});
