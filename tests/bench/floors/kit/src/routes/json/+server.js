const body = JSON.stringify({ text: 'x'.repeat(188) });

export const GET = () => new Response(body, { headers: { 'content-type': 'application/json' } });
