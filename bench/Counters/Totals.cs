using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Counters.Load;
using Floodgate.Sessions;
using Npgsql;

namespace Floodgate.Bench.Counters;

/// <summary>Prepares what a phase writes to, waits until all of it has arrived, and reads what is there.</summary>
internal sealed class Totals(CountersSystem system, TimeSpan drainTimeout, TimeProvider time) : IAsyncDisposable
{
    private const int KeysPerCall = 500;
    private const string SlotsSql = "SELECT coalesce(sum(value), 0)::bigint FROM counter_slots WHERE name = $1";
    private const string PostSql = """
        WITH author AS (INSERT INTO users (id, name) VALUES (1, 'author') ON CONFLICT DO NOTHING)
        INSERT INTO posts (id, author, text) VALUES ($1, 1, 'a post that goes viral')
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly NpgsqlDataSource _postgres = NpgsqlDataSource.Create(system.Postgres);

    /// <summary>Makes a post that nobody has liked.</summary>
    public async Task CreatePostAsync(long id, CancellationToken cancellation)
    {
        await using var command = _postgres.CreateCommand(PostSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Adds 1 through a baseline.</summary>
    /// <returns>What it says the value is now.</returns>
    public async Task<long> AddAsync(string path, CancellationToken cancellation)
    {
        using var body = new StringContent("{\"by\":1}", Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri(system.Baseline, path), body, cancellation);
        return (await JsonAsync(answer, cancellation)).GetProperty("value").GetInt64();
    }

    /// <summary>Waits until all acknowledged writes are in PostgreSQL and Redis.</summary>
    /// <exception cref="RunFailedException">They are not in time.</exception>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        long left;
        while ((left = (await GetAsync("/internal/oracle/backlog", cancellation)).GetProperty("messages").GetInt64()) != 0)
        {
            if (time.GetElapsedTime(started) > drainTimeout) throw new RunFailedException($"{left} messages were still in the queues after {drainTimeout}.");
            await Task.Delay(Pause, time, cancellation);
        }
    }

    /// <summary>Reads the likes of a post in every place they are kept in.</summary>
    public async Task<IReadOnlyDictionary<string, long>> LikesAsync(long post, CancellationToken cancellation)
    {
        var answer = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"/internal/oracle/likes?posts={post}"), cancellation);
        var likes = answer.GetProperty(post.ToString(CultureInfo.InvariantCulture));
        return likes.EnumerateObject().ToDictionary(place => place.Name, place => place.Value.GetInt64(), StringComparer.Ordinal);
    }

    /// <summary>Reads the sum of all keys of a counter in every place they are kept in.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CounterAsync(string name, int keys, CancellationToken cancellation)
    {
        var visible = 0L;
        for (var first = 0; first < keys; first += KeysPerCall)
        {
            var asked = Enumerable.Range(first, Math.Min(KeysPerCall, keys - first)).Select(AdditionRequests.KeyOf);
            var answer = await GetAsync($"/counters/{name}?keys={string.Join(',', asked)}", cancellation);
            visible += answer.EnumerateObject().Sum(key => key.Value.GetInt64());
        }

        await using var command = _postgres.CreateCommand(SlotsSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        var slots = (long)(await command.ExecuteScalarAsync(cancellation))!;
        return new Dictionary<string, long>(StringComparer.Ordinal) { ["slots"] = slots, ["visible"] = visible };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _postgres.DisposeAsync();
    }

    private async Task<JsonElement> GetAsync(string path, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(system.Service, path));
        request.Headers.Add(InternalHeaders.User, "1");
        using var answer = await _http.SendAsync(request, cancellation);
        return await JsonAsync(answer, cancellation);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Accepted))
            throw new RunFailedException($"{answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }
}
