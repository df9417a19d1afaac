using System.IO.Pipelines;
using Floodgate.Nodes;
using Floodgate.Redis;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.Input;
using NpgsqlTypes;

namespace Floodgate.TimelineService.Import;

/// <summary>Loads users in bulk: all lines, or none where one of them is wrong.</summary>
internal sealed class UserImport(PostgresNodes nodes, WriteAnnouncer announcer)
{
    private const int MaximumName = 100;
    private const int TimeoutSeconds = 300;

    private const string CreateTable = "CREATE TEMPORARY TABLE import_users (id bigint NOT NULL, name text NOT NULL) ON COMMIT DROP";

    private const string Copy = "COPY import_users (id, name) FROM STDIN (FORMAT binary)";

    private const string Insert = "INSERT INTO users (id, name) SELECT id, name FROM import_users ON CONFLICT DO NOTHING";

    public async Task<Imported> ImportAsync(PipeReader body, CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(CreateTable, TimeoutSeconds, cancellationToken);
        ulong lines;
        await using (var import = await connection.BeginBinaryImportAsync(Copy, cancellationToken))
        {
            await foreach (var line in ImportLines.ReadAsync(body, cancellationToken))
            {
                if (TextInput.FindFault(line.Rest, MaximumName) is not null)
                {
                    throw ImportLines.Wrong(line.Number, "has no valid name of 1 to 100 characters");
                }

                await import.StartRowAsync(cancellationToken);
                await import.WriteAsync(line.Id, NpgsqlDbType.Bigint, cancellationToken);
                await import.WriteAsync(line.Rest, NpgsqlDbType.Text, cancellationToken);
            }

            lines = await import.CompleteAsync(cancellationToken);
        }

        var imported = await connection.ExecuteAsync(Insert, TimeoutSeconds, cancellationToken);
        await connection.ExecuteAsync(GenerationWatch.RaiseEpochSql, TimeoutSeconds, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await announcer.EverythingAsync();
        return new Imported(imported, (long)lines - imported);
    }
}
