using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Floodgate.BenchTests;

/// <summary>
/// Speaks the interface that the bench calls, from memory, and makes the errors it is told to make. It proves that the
/// bench finds them; it proves nothing about Floodgate.
/// </summary>
internal sealed class ContractServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, long> _authors = [];
    private readonly Dictionary<string, long> _requests = [];
    private readonly HashSet<(long User, long Post)> _likes = [];
    private long _backlogAsked;
    private long _statusAsked;

    private ContractServer(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Urls.Single());

    public ConcurrentDictionary<long, string> Users { get; } = [];

    public ConcurrentDictionary<(long Follower, long Followee), bool> Follows { get; } = [];

    public IReadOnlyCollection<long> Posts
    {
        get
        {
            lock (_gate) return [.. _authors.Keys];
        }
    }

    /// <summary>How often the backlog was asked for: 0 as long as the replay runs.</summary>
    public long BacklogAsked => Interlocked.Read(ref _backlogAsked);

    /// <summary>What happens to a request instead of its being carried out; null: it is carried out.</summary>
    public Func<HttpRequest, IResult?> Instead { get; set; } = _ => null;

    /// <summary>What happens after a request was carried out, before it is answered.</summary>
    public Action<HttpContext> Afterwards { get; set; } = _ => { };

    /// <summary>What the oracle tells of a post with this number of likes: reactions, slots, visible.</summary>
    public Func<long, int, (int Reactions, int Slots, int Visible)> Told { get; set; } = (_, n) => (n, n, n);

    /// <summary>What a home timeline shows instead of the right ids.</summary>
    public Func<long, List<long>, List<long>> Shown { get; set; } = (_, ids) => ids;

    /// <summary>Whether a post shows the caller's like; null leaves it out.</summary>
    public Func<long, bool, bool?> LikedShown { get; set; } = (_, liked) => liked;

    /// <summary>What is not drained, by how often it was asked before.</summary>
    public Func<long, long> Backlog { get; set; } = _ => 0;

    /// <summary>What each instance says that its own oracle has found, by how often the status was asked for before.</summary>
    public Func<long, object?[]> Sampled { get; set; } = _ => [SampledPart(missing: 0, suspects: 0), null];

    /// <summary>What one instance says of its oracle.</summary>
    public static object SampledPart(long missing, int suspects) =>
        new { oracle = new { samples = 12, entries = 345, missing, extra = 0, duplicate = 0, disordered = 0, suspects, lastLsn = "00000001/0000000000000000" } };

    public static async Task<ContractServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var server = new ContractServer(builder.Build());
        server.Map();
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Map()
    {
        _app.Use(async (context, next) =>
        {
            if (Instead(context.Request) is { } instead)
            {
                await instead.ExecuteAsync(context);
                return;
            }

            // A session is answered with one that is further on.
            var session = context.Request.Headers["Floodgate-Session"].ToString();
            context.Response.Headers["Floodgate-Session"] = session + "+";
            context.Response.Headers["Floodgate-Node"] = "replica-1";
            context.Response.Headers["Floodgate-Reason"] = "caught-up";
            await next(context);
        });
        _app.MapGet("/alive", () => "Healthy");
        _app.MapPost("/dev/token", (TokenBody body) => Results.Json(new { token = body.User.ToString(CultureInfo.InvariantCulture) }));
        _app.MapPost("/dev/import/users", request => ImportAsync(request, (id, rest) => Users.TryAdd(id, rest)));
        _app.MapPost("/dev/import/follows", request => ImportAsync(request, (id, rest) => Follows.TryAdd((id, Parse(rest)), true)));
        _app.MapPost("/posts", (HttpContext context, TextBody body) => Post(context, body.Text));
        _app.MapGet("/posts/{id:long}", (HttpContext context, long id) => Results.Json(Show(id, Caller(context))));
        _app.MapPut("/posts/{id:long}/like", (HttpContext context, long id) => Like(context, id));
        _app.MapGet("/timeline", (HttpContext context, int limit, string? before) => Timeline(Caller(context), limit, before));
        _app.MapGet("/dev/oracle/timeline/{user:long}", (long user, int limit) => Results.Json(new { ids = Home(user).Take(limit) }));
        _app.MapGet("/dev/oracle/likes", (string posts) => Results.Json(posts.Split(',').ToDictionary(p => p, p => Tell(Parse(p)), StringComparer.Ordinal)));
        _app.MapGet("/status", () => Results.Json(new { services = new { timeline = Sampled(Interlocked.Increment(ref _statusAsked) - 1) } }));
        _app.MapGet("/dev/oracle/backlog", () => Results.Json(new { messages = Backlog(Interlocked.Increment(ref _backlogAsked) - 1), outbox = 0 }));
    }

    private static async Task ImportAsync(HttpContext context, Func<long, string, bool> add)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines) add(Parse(line[..line.IndexOf(' ', StringComparison.Ordinal)]), line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        await context.Response.WriteAsJsonAsync(new { imported = lines.Length }, context.RequestAborted);
    }

    private IResult Post(HttpContext context, string text)
    {
        var author = Caller(context);
        if (!Users.ContainsKey(author)) return Results.Problem("There is no such user.", statusCode: 404);
        long id;
        lock (_gate)
        {
            if (!_requests.TryGetValue(context.Request.Headers["Idempotency-Key"].ToString(), out id))
            {
                id = 1_000_000 + _authors.Count;
                _authors.Add(id, author);
                _requests.Add(context.Request.Headers["Idempotency-Key"].ToString(), id);
            }
        }

        Afterwards(context);
        return Results.Json(new { id, author, text }, statusCode: 201);
    }

    private IResult Like(HttpContext context, long post)
    {
        lock (_gate)
        {
            if (!_authors.ContainsKey(post)) return Results.Problem("There is no such post.", statusCode: 404);
            _likes.Add((Caller(context), post));
        }

        Afterwards(context);
        return Results.Json(new { likes = CountLikes(post), liked = true });
    }

    private IResult Timeline(long user, int limit, string? before)
    {
        var from = before is null ? long.MaxValue : Parse(before);
        var all = Shown(user, Home(user));
        var page = all.Where(id => id < from).Take(limit).ToList();
        var next = page.Count == limit && all.Exists(id => id < page[^1]) ? page[^1].ToString(CultureInfo.InvariantCulture) : null;
        return Results.Json(new { items = page.Select(id => Show(id, user)), next });
    }

    private List<long> Home(long user)
    {
        lock (_gate) return [.. _authors.Where(p => p.Value == user || Follows.ContainsKey((user, p.Value))).Select(p => p.Key).Reverse()];
    }

    private object Show(long id, long caller)
    {
        lock (_gate)
        {
            return new { id, author = _authors.GetValueOrDefault(id), likes = CountLikes(id), liked = LikedShown(id, _likes.Contains((caller, id))) };
        }
    }

    private object Tell(long post)
    {
        var (reactions, slots, visible) = Told(post, CountLikes(post));
        return new { reactions, slots, visible };
    }

    private int CountLikes(long post)
    {
        lock (_gate) return _likes.Count(l => l.Post == post);
    }

    private static long Caller(HttpContext context) => Parse(context.Request.Headers.Authorization.ToString()["Bearer ".Length..]);

    private static long Parse(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private sealed record TokenBody(long User);

    private sealed record TextBody(string Text);
}
