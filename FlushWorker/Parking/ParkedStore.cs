using Npgsql;

namespace Floodgate.FlushWorker.Parking;

/// <summary>The messages that are put aside, in table <c>flush_parked</c>.</summary>
internal sealed class ParkedStore(NpgsqlDataSource primary)
{
    private const string Columns = "id, partition, producer, sequence, length(content), reason, parked_at";

    /// <summary>A page of them, oldest first.</summary>
    /// <param name="after">The number of the last one of the page before; 0 for the first page.</param>
    /// <param name="most">How many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<List<ParkedRow>> ListAsync(long after, int most, CancellationToken cancellationToken)
    {
        await using var command = primary.CreateCommand($"SELECT {Columns} FROM flush_parked WHERE id > $1 ORDER BY id LIMIT $2");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<ParkedRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Read(reader));
        }

        return rows;
    }

    /// <summary>One of them with its content; null where there is none of that number.</summary>
    public async Task<(ParkedRow Row, byte[] Content)?> FindAsync(long id, CancellationToken cancellationToken)
    {
        await using var command = primary.CreateCommand($"SELECT {Columns}, content FROM flush_parked WHERE id = $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (Read(reader), reader.GetFieldValue<byte[]>(7)) : null;
    }

    /// <summary>Deletes one of them.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> DiscardAsync(long id, CancellationToken cancellationToken)
    {
        await using var command = primary.CreateCommand("DELETE FROM flush_parked WHERE id = $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = id });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    private static ParkedRow Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetInt32(1), row.IsDBNull(2) ? null : row.GetGuid(2), row.IsDBNull(3) ? null : row.GetInt64(3),
        row.GetInt32(4), row.GetString(5), row.GetFieldValue<DateTimeOffset>(6));
}
