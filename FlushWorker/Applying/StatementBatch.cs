using Npgsql;

namespace Floodgate.FlushWorker.Applying;

/// <summary>Composes batches of statements.</summary>
internal static class StatementBatch
{
    /// <summary>Adds a statement.</summary>
    public static void Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }

    /// <summary>A parameter, by position.</summary>
    public static NpgsqlParameter<T> Parameter<T>(T value) => new() { TypedValue = value };
}
