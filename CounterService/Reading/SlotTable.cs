using Floodgate.CounterService.Hosting;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.CounterService.Reading;

/// <summary>The slots as the primary has them.</summary>
internal sealed class SlotTable(PostgresNodes nodes, IOptions<CounterOptions> options) : ISlotSource
{
    private const string Sql = """
        SELECT i.n, s.partition, s.value, s.version, coalesce(w.watermarks, '')
        FROM unnest($1, $2) WITH ORDINALITY AS i (name, key, n)
        JOIN counter_slots s ON s.name = i.name AND s.key = i.key
        LEFT JOIN (
        """ + Watermarks.Sql + """
        ) AS w ON w.partition = s.partition
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CounterSlot>[]> ReadAsync(IReadOnlyList<CounterId> counters)
    {
        using var limit = new CancellationTokenSource(options.Value.LookupTimeout);
        var slots = new List<CounterSlot>[counters.Count];
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i] = [];
        }

        try
        {
            await using var command = nodes.Primary.CreateCommand(Sql);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. counters.Select(counter => counter.Name)] });
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. counters.Select(counter => counter.Key)] });
            await using var reader = await command.ExecuteReaderAsync(limit.Token);
            while (await reader.ReadAsync(limit.Token))
            {
                slots[reader.GetInt64(0) - 1].Add(new CounterSlot(reader.GetInt32(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetString(4)));
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"No answer within {options.Value.LookupTimeout}.", exception);
        }

        return slots;
    }
}
