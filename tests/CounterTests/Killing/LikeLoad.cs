using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Killing;

/// <summary>
/// Users who like and unlike, each on its own, one call after the other, and the book of what was acknowledged. A call
/// without an answer leaves its pair unknown, until the next answer for it.
/// </summary>
internal sealed class LikeLoad(IReadOnlyList<HttpClient> services, int users, long firstUser, IReadOnlyList<long> posts)
{
    private readonly ConcurrentDictionary<(long User, long Post), bool?> _states = new();
    private readonly ConcurrentQueue<Refusal> _refusals = new();
    private int _acknowledged;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>The calls that were not acknowledged.</summary>
    public IReadOnlyCollection<Refusal> Refusals => _refusals;

    /// <summary>The pairs whose state is known.</summary>
    public IEnumerable<(long User, long Post, bool Liked)> Known =>
        _states.Where(pair => pair.Value is not null).Select(pair => (pair.Key.User, pair.Key.Post, pair.Value == true));

    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, users).Select(i => Task.Run(() => ReactAsync(firstUser + i, new Random(i), stop), CancellationToken.None)));

    /// <summary>Sets one more pair, which the load itself does not touch just now, and insists until it is acknowledged.</summary>
    public async Task SetAsync(HttpClient http, long user, long post, bool liked)
    {
        _states[(user, post)] = null;
        await Wait.UntilAsync(async () => (await TryAsync(http, user, post, liked)).Status == HttpStatusCode.OK, "a like is acknowledged");
        _states[(user, post)] = liked;
    }

    /// <summary>Fails unless the rows are just what was acknowledged.</summary>
    public async Task CheckAsync(Servers servers)
    {
        var rows = new Dictionary<(long, long), bool>();
        await using (var command = servers.Postgres.CreateCommand("SELECT user_id, post_id, liked FROM reactions WHERE user_id = ANY ($1)"))
        {
            command.Parameters.Add(new() { Value = _states.Keys.Select(pair => pair.User).Distinct().ToArray() });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                rows.Add((reader.GetInt64(0), reader.GetInt64(1)), reader.GetBoolean(2));
            }
        }

        var wrong = _states.Where(pair => pair.Value is { } liked && rows.GetValueOrDefault(pair.Key) != liked).Take(5).ToList();
        Assert.True(wrong.Count == 0, $"Acknowledged and not so: {string.Join("; ", wrong)}");
        Assert.DoesNotContain(rows.Keys, pair => !_states.ContainsKey(pair));
    }

    private async Task ReactAsync(long user, Random random, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var pair = (user, post: posts[random.Next(posts.Count)]);
            var liked = random.Next(3) > 0;
            var before = _states.GetValueOrDefault(pair);
            _states[pair] = null;
            var (status, instead) = await TryAsync(services[random.Next(services.Count)], pair.user, pair.post, liked);
            if (status == HttpStatusCode.OK)
            {
                _states[pair] = liked;
                Interlocked.Increment(ref _acknowledged);
                continue;
            }

            // Refused outright is not done; anything else may be.
            if (status == HttpStatusCode.TooManyRequests)
            {
                _states[pair] = before;
            }

            _refusals.Enqueue(new Refusal(Stopwatch.GetTimestamp(), instead));
            await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        }
    }

    private static async Task<(HttpStatusCode? Status, string Instead)> TryAsync(HttpClient http, long user, long post, bool liked)
    {
        try
        {
            using var answer = await http.LikeAsync(user, post, liked);
            return (answer.StatusCode, answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync());
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or OperationCanceledException)
        {
            return (null, $"{exception.GetType().Name}: {exception.Message}");
        }
    }
}

/// <summary>A call that was not acknowledged.</summary>
/// <param name="At">When, as a timestamp of <see cref="Stopwatch"/>.</param>
/// <param name="Instead">What came instead: the problem, or the exception.</param>
internal sealed record Refusal(long At, string Instead);
