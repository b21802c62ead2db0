import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import { m } from '$lib/i18n/paraglide/messages';
import { locales } from '$lib/i18n/locale';
import Recover from './Recover.svelte';

const brand = {
	id: 4,
	name: 'Shop',
	theme: '/theme.css',
	title: '',
	logo: '',
	website: '',
	terms: '',
	privacy: '',
};

describe.each(locales)('recovery in %s', (locale) => {
	const html = (mailed: boolean) => {
		const data = {
			...{ stage: 'code', identifier: '13800138000', phones: true, mailed, minLength: 8 },
			...{ signIn: '/s', again: '/r', brand, locale },
		};
		const page = { url: new URL('https://id.example/apps/4/recover?code'), data: {} };
		const context = new Map([['__request__', { page }]]);
		return render(Recover, { props: { data, form: null } as never, context }).body;
	};

	it('mentions the spam folder where the code came by mail alone', () => {
		const hint = m.pages_code_hint({}, { locale });
		expect(html(true)).toContain(hint);
		expect(html(false)).not.toContain(hint);
		expect(html(false)).toContain(m.pages_code_sms_hint({}, { locale }));
	});
});
