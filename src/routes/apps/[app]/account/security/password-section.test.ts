import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import { m } from '$lib/i18n/paraglide/messages';
import { locales } from '$lib/i18n/locale';
import PasswordSection from './PasswordSection.svelte';

describe.each(locales)('the password of one’s account in %s', (locale) => {
	const say = { locale };
	const html = (has: { hasPassword: boolean; wantsUsername: boolean }, form: object | null = null) => {
		const data = { ...has, locale, brand: { id: 4, name: 'Shop' }, names: [], identifier: '', minLength: 8 };
		return render(PasswordSection, { props: { data, form } as never }).body;
	};

	it('is changed by who knows it, or has forgotten it', () => {
		const page = html({ hasPassword: true, wantsUsername: false });
		expect(page).toContain(m.pages_current_password({}, say));
		expect(page).toContain(m.pages_forgot_password({}, say));
		expect(page).not.toContain('name="username"');
	});

	it('is set for the first time without one, and with a name where there is none', () => {
		const page = html({ hasPassword: false, wantsUsername: false });
		expect(page).toContain(m.pages_account_password_first({}, say));
		expect(page).toContain(m.pages_account_fresh_hint({}, say));
		expect(page).not.toContain('name="password"');
		expect(page).not.toContain(m.pages_forgot_password({}, say));
		expect(page).not.toContain('name="username"');
		expect(html({ hasPassword: false, wantsUsername: true })).toContain('name="username"');
	});

	it('leads to a new sign-in where that is too long ago, and keeps the name that was typed', () => {
		const problem = { code: 'auth/fresh-sign-in-required', message: '', fields: {} };
		const page = html({ hasPassword: false, wantsUsername: true }, { problem, values: { username: 'mei' } });
		expect(page).toContain('/apps/4/sign-in?another=yes');
		expect(page).toContain('value="mei"');
		const other = html({ hasPassword: false, wantsUsername: true }, { problem, values: { sessionId: 'x' } });
		expect(other).not.toContain('/sign-in?another=yes');
	});
});
