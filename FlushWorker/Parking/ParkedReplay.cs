using System.Globalization;
using Floodgate.FlushWorker.Applying;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Npgsql;

namespace Floodgate.FlushWorker.Parking;

/// <summary>What came of a replay.</summary>
internal enum ReplayOutcome
{
    /// <summary>It is applied now, and no longer aside.</summary>
    Applied,

    /// <summary>It had been applied before: nothing is changed.</summary>
    AppliedBefore,

    /// <summary>Its producer was retired, so that nobody can tell whether it had been applied: nothing is changed.</summary>
    Retired,

    /// <summary>There is none of that number (any more).</summary>
    Missing,
}

/// <summary>
/// Applies a message that was put aside: one transaction writes what it holds, enters it into the ledger, deletes the row,
/// and raises the epoch, so that Redis is loaded anew. So it counts once, however often and wherever it is replayed.
/// </summary>
internal sealed class ParkedReplay(NpgsqlDataSource primary, ParkedStore store)
{
    /// <summary>Replays a message.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="force">Apply it even though its producer was retired.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidEnvelopeException">It cannot be read.</exception>
    /// <exception cref="NpgsqlException">It cannot be applied; nothing is changed.</exception>
    public async Task<ReplayOutcome> RunAsync(long id, bool force, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(id, cancellationToken) is not { } parked)
        {
            return ReplayOutcome.Missing;
        }

        var envelope = EnvelopeCodec.Decode(parked.Content);
        await using var connection = await primary.OpenConnectionAsync(cancellationToken);
        var steps = new FlushSteps(connection, envelope.Id.Partition);
        var (content, version) = await steps.BeginAsync([envelope], cancellationToken, evenIfRetired: force);
        if (content.Duplicates > 0 || content.Retired.Count > 0)
        {
            return content.Duplicates > 0 ? ReplayOutcome.AppliedBefore : ReplayOutcome.Retired;
        }

        if (!await LockAsync(connection, id, cancellationToken))
        {
            return ReplayOutcome.Missing;
        }

        await steps.DecideAsync(content, cancellationToken);

        // That one envelope of a retired producer is applied says nothing of its others.
        var (partition, producer) = (envelope.Id.Partition, envelope.Id.Producer);
        string[] reborn = force
            ? [string.Create(CultureInfo.InvariantCulture, $"UPDATE flush_ledger SET reborn = true WHERE partition = {partition} AND producer = '{producer}'")]
            : [];
        string[] end = [.. reborn, $"DELETE FROM flush_parked WHERE id = {id}", GenerationWatch.RaiseEpochSql, FlushSql.Commit];
        await steps.WriteAsync(content, version, end, cancellationToken);
        return ReplayOutcome.Applied;
    }

    // Somebody may have discarded it meanwhile.
    private static async Task<bool> LockAsync(NpgsqlConnection connection, long id, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT id FROM flush_parked WHERE id = $1 FOR UPDATE", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }
}
