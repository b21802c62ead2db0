/** What the parts write into a page before any script runs. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRawSnippet } from 'svelte';
import { render } from 'svelte/server';
import { describe, expect, it } from 'vitest';
import Avatar from './Avatar.svelte';
import Button from './Button.svelte';
import Checkbox from './Checkbox.svelte';
import Divider from './Divider.svelte';
import Field from './Field.svelte';
import Notice from './Notice.svelte';

const text = (words: string) => createRawSnippet(() => ({ render: () => `<span>${words}</span>` }));
const sources = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' });

describe('every part', () => {
	it.each(sources.filter((name) => name.endsWith('.svelte')))('%s has no style of its own', (name) => {
		const source = readFileSync(new URL(name, import.meta.url), 'utf8');
		expect(source).not.toMatch(/<style|\sstyle[:=]|\{@html/);
	});

	it.each(sources.filter((name) => name.endsWith('.css')))('%s loads nothing from elsewhere', (name) => {
		const source = readFileSync(new URL(name, import.meta.url), 'utf8');
		expect(source).not.toMatch(/url\((?!["']?data:)|https?:\/\/(?!www\.w3\.org)/);
	});
});

describe('Field', () => {
	const { body } = render(Field, {
		props: {
			name: 'email',
			label: 'Email',
			hint: 'Work or private',
			error: ['Not an address'],
			type: 'email',
		},
	});

	it('ties label, hint and error to the input', () => {
		expect(body).toContain('<label class="field-label" for="email">Email</label>');
		expect(body).toContain('aria-describedby="email-hint email-error"');
		expect(body).toContain('aria-invalid="true"');
		expect(body).toMatch(/id="email-error" role="alert".*Not an address/);
		expect(body).toMatch(/id="email-hint".*Work or private/);
	});

	it('passes on what the browser should know', () => {
		const filled = render(Field, {
			props: {
				name: 'n',
				label: 'N',
				value: 'lin',
				autocomplete: 'username',
				inputmode: 'email',
				enterkeyhint: 'next',
			},
		}).body;
		for (const part of ['value="lin"', 'autocomplete="username"', 'inputmode="email"', 'enterkeyhint="next"'])
			expect(filled).toContain(part);
		expect(filled).not.toContain('aria-invalid');
		expect(filled).not.toContain('aria-describedby');
	});

	it('shows what was typed as text, whatever it is', () => {
		const { body: shown } = render(Field, {
			props: { name: 'n', label: '<b>', value: '"><script>', error: '<i>' },
		});
		expect(shown).not.toMatch(/<b>|<i>|<script>/);
	});
});

describe('Button', () => {
	it('submits, and has a text for the time until the answer', () => {
		const { body } = render(Button, { props: { children: text('Sign in'), pendingText: 'Signing in…' } });
		expect(body).toMatch(/<button type="submit" class="button button-primary"/);
		expect(body).toContain('data-pending-text="Signing in…"');
		expect(body).not.toContain('disabled');
	});

	it('is busy and cannot be pressed while pending', () => {
		const { body } = render(Button, {
			props: { children: text('Save'), pending: true, pendingText: 'Saving…' },
		});
		expect(body).toContain('aria-busy="true"');
		expect(body).toContain('disabled');
		expect(body).toContain('Saving…');
		expect(body).not.toContain('<span>Save</span>');
	});

	it('is a link when it leads somewhere', () => {
		const { body } = render(Button, {
			props: { children: text('Back'), href: '/apps/1', variant: 'secondary' },
		});
		expect(body).toMatch(/<a href="\/apps\/1" class="button button-secondary"/);
	});
});

describe('Notice', () => {
	it('interrupts for errors only', () => {
		expect(render(Notice, { props: { kind: 'error', title: 'x' } }).body).toContain('role="alert"');
		for (const kind of ['info', 'success', 'warning'] as const)
			expect(render(Notice, { props: { kind, title: 'x' } }).body).toContain('role="status"');
	});
});

describe('Checkbox', () => {
	it('has its whole line as the target', () => {
		const { body } = render(Checkbox, { props: { name: 'ok', label: 'I agree', checked: true } });
		expect(body).toMatch(/<label[^>]*>.*type="checkbox".*checked.*I agree.*<\/label>/s);
	});
});

describe('Avatar', () => {
	it('shows the first letter, whole, of whatever script', () => {
		expect(render(Avatar, { props: { name: '林小满' } }).body).toContain('林');
		expect(render(Avatar, { props: { name: '𠮷田' } }).body).toContain('𠮷');
		expect(render(Avatar, { props: { name: '  ' } }).body).toContain('?');
	});

	it('is ignored by screen readers: the name is beside it', () => {
		expect(render(Avatar, { props: { name: 'a', src: '/p' } }).body).toMatch(/aria-hidden="true".*alt=""/s);
	});
});

describe('Divider', () => {
	it('is a separator only when it has no text', () => {
		expect(render(Divider, { props: {} }).body).toContain('role="separator"');
		expect(render(Divider, { props: { text: 'or' } }).body).not.toContain('role');
	});
});
