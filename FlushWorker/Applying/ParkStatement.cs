using System.Security.Cryptography;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Npgsql;
using NpgsqlTypes;
using static Floodgate.FlushWorker.Applying.StatementBatch;

namespace Floodgate.FlushWorker.Applying;

/// <summary>Puts a message aside, and tells how the counters that it names are without it: one round trip.</summary>
internal static class ParkStatement
{
    /// <summary>Runs it.</summary>
    public static async Task<ParkedEnvelope> RunAsync(
        NpgsqlConnection connection, int partition, ReadOnlyMemory<byte> body, CounterEnvelope? envelope, string reason, CancellationToken cancellationToken)
    {
        var touched = envelope is null ? null : new BatchContent([envelope], new HashSet<EnvelopeId> { envelope.Id }).Touched;
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            FlushSql.Park, Parameter(partition), Nullable(envelope?.Id.Producer, NpgsqlDbType.Uuid), Nullable(envelope?.Id.Sequence, NpgsqlDbType.Bigint),
            Parameter(SHA256.HashData(body.Span)), Parameter(body), Parameter(reason));
        if (touched is not null)
        {
            batch.Add(
                FlushSql.FindSlots, Parameter(partition), Parameter(touched.Keys.Select(counter => counter.Name).ToArray()),
                Parameter(touched.Keys.Select(counter => counter.Key).ToArray()));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var isNew = await reader.ReadAsync(cancellationToken);
        var slots = new List<FlushedSlot>();
        if (touched is not null)
        {
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var counter = new CounterId(reader.GetString(0), reader.GetString(1));
                var slot = new CounterSlot(partition, reader.GetInt64(2), reader.GetInt64(3), reader.GetString(4));
                slots.Add(new FlushedSlot(counter, slot, slot.Version, touched[counter]));
            }
        }

        return new ParkedEnvelope(isNew, FlushedBatch.Empty with { Slots = slots });
    }

    private static NpgsqlParameter Nullable<T>(T? value, NpgsqlDbType type)
        where T : struct =>
        new() { Value = value ?? (object)DBNull.Value, NpgsqlDbType = type };
}
