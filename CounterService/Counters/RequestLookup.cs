using System.Runtime.InteropServices;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lookups;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.CounterService.Counters;

/// <summary>What an Idempotency-Key was used for, as the flush entered it.</summary>
/// <param name="IsUsed">Whether it was used.</param>
/// <param name="What">For what; null where that was not entered.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RequestUse(bool IsUsed, string? What);

/// <summary>Looks up Idempotency-Keys that Redis does not know, many in one query.</summary>
internal sealed class RequestLookup
{
    private const string Sql = """
        SELECT i.n, r.counter_name, r.counter_key, r.amount
        FROM unnest($1, $2) WITH ORDINALITY AS i (user_id, key, n)
        JOIN counter_requests r ON r.user_id = i.user_id AND r.key = i.key
        """;

    private readonly PostgresNodes _nodes;
    private readonly TimeSpan _timeout;
    private readonly BatchedLookup<RequestKey, RequestUse> _lookup;

    public RequestLookup(PostgresNodes nodes, IOptions<CounterOptions> options)
    {
        _nodes = nodes;
        _timeout = options.Value.LookupTimeout;
        _lookup = new BatchedLookup<RequestKey, RequestUse>("requests", QueryAsync);
    }

    /// <summary>Looks up a key.</summary>
    /// <exception cref="Exception">The primary does not answer in time.</exception>
    public Task<RequestUse> GetAsync(RequestKey request) => _lookup.GetAsync(request);

    private async Task<IReadOnlyList<RequestUse>> QueryAsync(IReadOnlyList<RequestKey> requests)
    {
        using var limit = new CancellationTokenSource(_timeout);
        await using var command = _nodes.Primary.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. requests.Select(request => request.User)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. requests.Select(request => request.Key)] });
        await using var reader = await command.ExecuteReaderAsync(limit.Token);
        var found = new RequestUse[requests.Count];
        while (await reader.ReadAsync(limit.Token))
        {
            var what = reader.IsDBNull(1) || reader.IsDBNull(2) || reader.IsDBNull(3)
                ? null
                : RequestMemory.Describe(new CounterId(reader.GetString(1), reader.GetString(2)), reader.GetInt64(3));
            found[reader.GetInt64(0) - 1] = new RequestUse(IsUsed: true, what);
        }

        return found;
    }
}
