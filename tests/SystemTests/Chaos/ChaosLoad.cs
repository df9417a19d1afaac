using Floodgate.SystemTests.Running;

namespace Floodgate.SystemTests.Chaos;

/// <summary>
/// Workers that like, unlike and count, each one call after the other, for users of its own: so no pair is written by
/// two at a time, and the last acknowledged state of each is known.
/// </summary>
internal sealed class ChaosLoad(
    IReadOnlyList<UserSession> users, IReadOnlyList<long> posts, string name, int seed, ChaosReport report, TimeProvider time)
{
    private const int Workers = 24;
    private const int CountersOfAKind = 4;

    // Who meets a dead service comes again in a moment, as a client does: 24 workers would otherwise only make errors.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(60);

    /// <summary>What was acknowledged of likes.</summary>
    public LikeBook Likes { get; } = new();

    /// <summary>What was acknowledged of plain counters.</summary>
    public CounterBook Counters { get; } = new();

    /// <summary>The name of the counters.</summary>
    public string Name => name;

    /// <summary>Runs until it is told to stop, and until every addition with an Idempotency-Key is acknowledged.</summary>
    public Task RunAsync(CancellationToken stop, CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, Workers)
        .Select(worker => Task.Run(() => WorkAsync(worker, new Random(unchecked((seed * 397) + worker)), stop, cancellationToken), cancellationToken)));

    private async Task WorkAsync(int worker, Random random, CancellationToken stop, CancellationToken cancellationToken)
    {
        var own = users.Where((_, i) => i % Workers == worker).ToArray();
        while (!stop.IsCancellationRequested)
        {
            var user = own[random.Next(own.Length)];
            var outcome = random.Next(10) switch
            {
                < 6 => await LikeAsync(user, posts[random.Next(posts.Count)], random.Next(3) > 0, cancellationToken),
                < 8 => await AddAsync(user, $"plain-{random.Next(CountersOfAKind)}", random.Next(1, 6), cancellationToken),
                _ => await AddOnceAsync(user, $"keyed-{random.Next(CountersOfAKind)}", random, cancellationToken),
            };
            if (outcome != Outcome.Acknowledged)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    private async Task<Outcome> LikeAsync(UserSession user, long post, bool liked, CancellationToken cancellationToken)
    {
        var (outcome, body) = await CallAsync(user, liked ? HttpMethod.Put : HttpMethod.Delete, $"/posts/{post}/like", null, null, cancellationToken);
        Likes.Enter((user.Id, post), liked, outcome);
        if (body is { } answer && answer.GetProperty("liked").GetBoolean() != liked)
        {
            report.Fault($"user {user.Id} set post {post} to liked={liked} and was answered {answer}");
        }

        return outcome;
    }

    private async Task<Outcome> AddAsync(UserSession user, string key, long by, CancellationToken cancellationToken)
    {
        var (outcome, _) = await CallAsync(user, HttpMethod.Post, $"/counters/{name}/{key}", by, null, cancellationToken);
        Counters.Enter(key, by, outcome);
        return outcome;
    }

    // Repeated until it is acknowledged, and one in five once more: each counts once.
    private async Task<Outcome> AddOnceAsync(UserSession user, string key, Random random, CancellationToken cancellationToken)
    {
        var (by, request, repeat) = (random.Next(1, 6), $"{random.NextInt64():x}", random.Next(5) == 0);
        var began = time.GetTimestamp();
        while (true)
        {
            var (outcome, _) = await CallAsync(user, HttpMethod.Post, $"/counters/{name}/{key}", by, request, cancellationToken);
            if (outcome == Outcome.Acknowledged)
            {
                if (!repeat)
                {
                    Counters.Enter(key, by, Outcome.Acknowledged);
                    return outcome;
                }

                repeat = false;
                continue;
            }

            if (time.GetElapsedTime(began) > LastPatience)
            {
                report.Fault($"an addition to {key} with an Idempotency-Key was not acknowledged within {LastPatience}");
                Counters.Enter(key, by, Outcome.Unknown);
                return outcome;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<(Outcome Outcome, System.Text.Json.JsonElement? Body)> CallAsync(
        UserSession user, HttpMethod method, string path, long? by, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var (outcome, body, fault) = await ChaosCall.SendAsync(user, method, path, by, idempotencyKey, cancellationToken);
        if (fault is not null)
        {
            report.Fault(fault);
        }

        report.Called(outcome);
        return (outcome, body);
    }
}
