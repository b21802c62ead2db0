/** Shapes that several console parts share. */
import type { Component } from 'svelte';
import type { LucideProps } from '@lucide/svelte';

export type Icon = Component<LucideProps>;

/** What a colour means: never colour alone, there is always a word beside it. */
export type Tone = 'neutral' | 'accent' | 'success' | 'warning' | 'danger';

export interface NavItem {
	text: string;
	href: string;
	icon: Icon;
	/** Current only at exactly this address, not below it. */
	exact?: boolean;
	/** A count that asks for attention. */
	badge?: number;
}

/** A page or an action that ⌘K finds. */
export interface Command {
	text: string;
	href: string;
	/** The heading above it. */
	group: string;
	icon?: Icon;
	/** Other words it is found by. */
	words?: string;
}

export interface AppLink {
	id: string | number;
	name: string;
	href: string;
	logo?: string | undefined;
}

export interface MenuItem {
	text: string;
	href?: string;
	onselect?: () => void;
	icon?: Icon;
	danger?: boolean;
	/** With a line above it. */
	separated?: boolean;
}

export interface Column<Row> {
	id: string;
	head: string;
	/** Text of the cell, where the table's `cell` snippet does not draw it. */
	cell?: (row: Row) => string | number;
	align?: 'end';
	/** Left out on screens narrower than md (768 px) or lg (1024 px). */
	hide?: 'md' | 'lg';
}

export interface Step {
	title: string;
	state: 'done' | 'current' | 'failed' | 'waiting';
	detail?: string;
}
