/** The end-user pages as a browser without JavaScript gets them. */
import { createRawSnippet } from 'svelte';
import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import { locales } from '$lib/i18n/locale';
import AccountLine from './AccountLine.svelte';
import CodeField from './CodeField.svelte';
import ConsentList from './ConsentList.svelte';
import MethodButton from './MethodButton.svelte';
import Outcome from './Outcome.svelte';
import PageShell from './PageShell.svelte';
import PasswordField from './PasswordField.svelte';
import ResendButton from './ResendButton.svelte';

const children = createRawSnippet(() => ({ render: () => '<p>content</p>' }));
const shell = {
	app: { name: 'Tea Ledger', terms: 'https://tea.example/terms' },
	theme: '/apps/1/theme.css?v=0123456789abcdef',
	title: 'Sign in',
	locale: 'en' as const,
	url: new URL('https://id.example/apps/1/interaction/x?a=1'),
	children,
};

describe('PageShell', () => {
	const { head, body } = render(PageShell, { props: shell });

	it('says whose page it is, in the tab too', () => {
		expect(head).toContain('<title>Sign in · Tea Ledger</title>');
		expect(body).toContain('<span>Tea Ledger</span>');
		expect(body).toMatch(/<h1[^>]*>Sign in<\/h1>/);
	});

	it('loads the theme as a stylesheet and one script, and asks not to be indexed', () => {
		expect(head).toContain('<link rel="stylesheet" href="/apps/1/theme.css?v=0123456789abcdef"');
		expect(head.match(/<script/g)).toHaveLength(1);
		expect(head).toContain('type="module"');
		expect(head).toContain('content="noindex"');
	});

	it('has the legal links that exist and the other language', () => {
		expect(body).toContain('href="https://tea.example/terms"');
		expect(body).not.toContain('Privacy');
		expect(body).toContain('href="?a=1&amp;ui_locales=zh-CN"');
		expect(body).toMatch(/lang="zh-CN"[^>]*>简体中文/);
	});

	it('leaves the heading to its content where asked', () => {
		expect(render(PageShell, { props: { ...shell, untitled: true } }).body).not.toContain('<h1');
	});

	it('shows a name that looks like markup as text', () => {
		const name = '<img src=x onerror=alert(1)>';
		const { head: top, body: page } = render(PageShell, { props: { ...shell, app: { name } } });
		expect(top + page).not.toContain('<img src=x');
	});
});

describe('PasswordField', () => {
	it.each(locales)('tells password managers which kind it is (%s)', (locale) => {
		const props = { name: 'password', label: 'P', locale };
		expect(render(PasswordField, { props }).body).toContain('autocomplete="current-password"');
		expect(render(PasswordField, { props: { ...props, kind: 'new' as const } }).body).toContain(
			'autocomplete="new-password"',
		);
	});

	it('hides what only works with the script', () => {
		const { body } = render(PasswordField, { props: { name: 'p', label: 'P', locale: 'en', kind: 'new' } });
		expect(body).toMatch(/<button type="button" hidden/);
		expect(body).toMatch(/class="strength" hidden/);
	});

	it('never writes the password back into the page', () => {
		const { body } = render(PasswordField, {
			props: { name: 'p', label: 'P', locale: 'en', error: 'wrong' },
		});
		expect(body).not.toMatch(/<input[^>]*value=/);
		expect(body).toContain('aria-invalid="true"');
	});
});

describe('CodeField', () => {
	it('is one field that fills from a message', () => {
		const { body } = render(CodeField, { props: { name: 'code', label: 'Code' } });
		expect(body.match(/<input/g)).toHaveLength(1);
		expect(body).toContain('autocomplete="one-time-code"');
		expect(body).toContain('inputmode="numeric"');
		expect(body).toContain('data-digits="6"');
	});
});

describe('MethodButton', () => {
	it('is a link or sends its value', () => {
		const link = render(MethodButton, {
			props: { name: 'Continue with DingTalk', href: '/connect/dingtalk' },
		}).body;
		expect(link).toMatch(/<a class="method" href="\/connect\/dingtalk"/);
		const button = render(MethodButton, { props: { name: 'DingTalk', value: 'dingtalk' } }).body;
		expect(button).toMatch(/type="submit" name="method" value="dingtalk"/);
	});

	it('has a letter of the method where there is no icon', () => {
		const { body } = render(MethodButton, { props: { name: '使用钉钉登录', mark: '钉钉', value: 'x' } });
		expect(body).toMatch(/method-letter"[^>]*>钉</);
	});
});

describe('the rest', () => {
	it('ConsentList is a list with a name', () => {
		const { body } = render(ConsentList, {
			props: { items: [{ title: 'See your name' }], label: 'It asks for' },
		});
		expect(body).toMatch(/<ul[^>]*aria-label="It asks for"/);
		expect(body.match(/<li/g)).toHaveLength(1);
	});

	it('Outcome interrupts for errors and shows the number for support', () => {
		const props = { title: 'Expired', reference: 'req-1' };
		expect(render(Outcome, { props: { ...props, kind: 'error' as const } }).body).toContain('role="alert"');
		expect(render(Outcome, { props: { ...props, kind: 'waiting' as const } }).body).toContain(
			'role="status"',
		);
		expect(render(Outcome, { props: { ...props, kind: 'error' as const } }).body).toContain('req-1');
	});

	it('AccountLine offers to be someone else', () => {
		const change = { href: '/out', text: 'Not you?' };
		expect(render(AccountLine, { props: { name: 'Lin', change } }).body).toMatch(/href="\/out">Not you\?/);
	});

	it('ResendButton can be pressed where no script counts', () => {
		const { body } = render(ResendButton, { props: { text: 'Again', waitText: '{seconds} s', seconds: 30 } });
		expect(body).toContain('data-wait="30"');
		expect(body).not.toContain('disabled');
	});
});
