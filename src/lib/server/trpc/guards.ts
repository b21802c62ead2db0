/**
 * Who may call a procedure: each is built from one of these and from nothing else. A guard checks the proof first
 * and passes on what was proven; the app and the actor never come from the input.
 */
import { Refusal } from '../../contract/errors';
import type { AdministratorCaller, TrpcContext, UserCaller } from './context';
import { meScope } from './callers';
import { trpc } from './root';

/** Anybody. */
export const publicProcedure = trpc.procedure;

async function requireUser(ctx: TrpcContext): Promise<UserCaller> {
	const caller = await ctx.findUser();
	if (!caller) throw new Refusal('auth/not-signed-in');
	return caller;
}

/** A user of the app: by session, or by an access token with the scope `menshen.me`. */
export async function proveUser(ctx: TrpcContext): Promise<UserCaller> {
	const caller = await requireUser(ctx);
	if (!caller.session && !caller.scopes?.includes(meScope)) throw new Refusal('auth/forbidden');
	return caller;
}

/** The same check as a guard. */
export const userProcedure = trpc.procedure.use(async ({ ctx, next }) => {
	const { user, session } = await proveUser(ctx);
	return next({ ctx: { app: await ctx.findApp(), user, session } });
});

/** A user by session only: access tokens must not change credentials. */
export const sessionProcedure = trpc.procedure.use(async ({ ctx, next }) => {
	const { user, session } = await requireUser(ctx);
	if (!session) throw new Refusal('auth/fresh-sign-in-required');
	return next({ ctx: { app: await ctx.findApp(), user, session } });
});

async function requireAdministrator(ctx: TrpcContext): Promise<AdministratorCaller> {
	const caller = await ctx.findAdministrator();
	if (caller) return caller;
	const somebody = ctx.namesApp ? await ctx.findUser() : undefined;
	throw new Refusal(somebody ? 'auth/forbidden' : 'auth/not-signed-in');
}

async function requireOperator(ctx: TrpcContext): Promise<AdministratorCaller> {
	const caller = await requireAdministrator(ctx);
	if (caller.onlyApp !== undefined) throw new Refusal('auth/forbidden');
	return caller;
}

/** For a caller who administers an app: an operator, or the app's own administrator. */
export const administratorProcedure = trpc.procedure.use(async ({ ctx, next }) => {
	const { actor, onlyApp } = await requireAdministrator(ctx);
	const app = await ctx.findApp();
	if (onlyApp !== undefined && onlyApp !== app.id) throw new Refusal('auth/forbidden');
	return next({ ctx: { app, actor } });
});

/** An operator, in the app that the request names. */
export const appOperatorProcedure = trpc.procedure.use(async ({ ctx, next }) => {
	const { actor } = await requireOperator(ctx);
	return next({ ctx: { app: await ctx.findApp(), actor } });
});

/** An operator, for the appliance as a whole. */
export const operatorProcedure = trpc.procedure.use(async ({ ctx, next }) => {
	const { actor } = await requireOperator(ctx);
	return next({ ctx: { actor } });
});

/** The command line on the appliance's own machine: never over HTTP. */
export const commandLineProcedure = trpc.procedure.use(async ({ ctx, next }) => {
	const { actor } = await requireOperator(ctx);
	if (actor.kind !== 'system') throw new Refusal('auth/forbidden');
	return next({ ctx: { actor } });
});

/** An owner of the appliance, or its command line. */
export const ownerProcedure = trpc.procedure.use(async ({ ctx, next }) => {
	const { actor } = await requireOperator(ctx);
	if (actor.kind === 'operator' && actor.role !== 'owner') throw new Refusal('auth/forbidden');
	return next({ ctx: { actor } });
});
