using System.Collections.Concurrent;
using System.Text.Json;
using Floodgate.Bench.Consistency.Load;
using Floodgate.Bench.Consistency.Overhead;
using Floodgate.Bench.Counters.Load;

namespace Floodgate.Bench.Consistency.Outage;

/// <summary>Some read, some like, one posts, at a steady pace; each like by a user of its own.</summary>
internal sealed class OutageLoad(Uri gateway, string tokenKey, IReadOnlyList<long> posts, string readSession, OutageFigures figures, int seed, TimeProvider time) : IDisposable
{
    public const string SessionRead = "GET /posts/{id}, session";
    public const string EventualRead = "GET /posts/{id}, eventual";
    public const string Page = "GET /users/{id}/posts, session";
    public const string Like = "PUT /posts/{id}/like";
    public const string Post = "POST /posts";

    private const long FirstLiker = 100_000_000;
    private const int Readers = 6;
    private const int Likers = 4;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan PostPace = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly BearerCaller _callers = new(tokenKey, time);
    private readonly ConcurrentBag<(long User, long Post)> _likes = [];
    private readonly ConcurrentBag<string> _written = [];
    private readonly ConcurrentBag<string> _promised = [];
    private long _lastLiker = FirstLiker;
    private int _phase;

    /// <summary>What the calls of now are counted as.</summary>
    public OutagePhase Phase
    {
        get => (OutagePhase)Volatile.Read(ref _phase);
        set => Volatile.Write(ref _phase, (int)value);
    }

    /// <summary>Every like that was acknowledged.</summary>
    public IReadOnlyCollection<(long User, long Post)> Likes => _likes;

    /// <summary>The texts of the posts that were acknowledged with 201.</summary>
    public IReadOnlyCollection<string> Written => _written;

    /// <summary>The texts of the posts that were promised with 202.</summary>
    public IReadOnlyCollection<string> Promised => _promised;

    /// <summary>Goes on until it is told to stop.</summary>
    public Task RunAsync(CancellationToken stop, CancellationToken cancellation)
    {
        var random = new Random(seed);
        var loops = new List<Task>();
        for (var i = 0; i < Readers; i++) loops.Add(ReadAsync(i, new Random(random.Next()), stop, cancellation));
        for (var i = 0; i < Likers; i++) loops.Add(LikeAsync(new Random(random.Next()), stop, cancellation));
        loops.Add(PostAsync(new Random(random.Next()), stop, cancellation));
        return Task.WhenAll(loops);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task ReadAsync(int reader, Random random, CancellationToken stop, CancellationToken cancellation)
    {
        // Two thirds in a session that has seen every post, one third without.
        var isEventual = reader % 3 == 2;
        var client = Client(PostWriter.User, isEventual ? "eventual" : null, random);
        if (!isEventual) client.Tokens.Answered(readSession);
        while (!stop.IsCancellationRequested)
        {
            var isPage = !isEventual && random.Next(5) == 0;
            var call = isPage ? Page : isEventual ? EventualRead : SessionRead;
            var path = isPage ? FormattableString.Invariant($"/users/{PostWriter.User}/posts?limit=10") : FormattableString.Invariant($"/posts/{posts[random.Next(posts.Count)]}");
            Count(Phase, call, await client.SendAsync(HttpMethod.Get, path, default, ProbeJson.Default.ProbeNothing, cancellation));
            await Task.Delay(Pace * 2 * random.NextDouble(), time, cancellation);
        }
    }

    private async Task LikeAsync(Random random, CancellationToken stop, CancellationToken cancellation)
    {
        while (!stop.IsCancellationRequested)
        {
            var user = Interlocked.Increment(ref _lastLiker);
            var post = posts[random.Next(posts.Count)];
            var phase = Phase;
            var answer = await Client(user, null, random).SendAsync(
                HttpMethod.Put, FormattableString.Invariant($"/posts/{post}/like"), default, ProbeJson.Default.ProbeNothing, cancellation);
            Count(phase, Like, answer);
            if (answer.Status == 200) _likes.Add((user, post));
            await Task.Delay(Pace * 2 * random.NextDouble(), time, cancellation);
        }
    }

    private async Task PostAsync(Random random, CancellationToken stop, CancellationToken cancellation)
    {
        var client = Client(PostWriter.User, null, random);
        for (var number = 1; !stop.IsCancellationRequested; number++)
        {
            var text = FormattableString.Invariant($"outage {seed} {number}");
            var phase = Phase;
            var body = JsonSerializer.SerializeToUtf8Bytes(new ProbeText(text), ProbeJson.Default.ProbeText);
            var answer = await client.SendAsync(HttpMethod.Post, "/posts", body, ProbeJson.Default.ProbeNothing, cancellation);
            Count(phase, Post, answer);
            if (answer.Status == 201) _written.Add(text);
            if (answer.Status == 202) _promised.Add(text);
            await Task.Delay(PostPace, time, cancellation);
        }
    }

    private void Count(OutagePhase phase, string call, SessionAnswer<ProbeNothing> answer) =>
        figures.Count(phase, call, answer.Status, answer.Reason, time.GetElapsedTime(answer.Start, answer.End));

    private SessionClient Client(long user, string? consistency, Random random) =>
        new(_http, new Door(PolicyName.Lsn, gateway, consistency), PostWriter.BearerOf(_callers, user), random, time);
}
