using Floodgate.Nodes;
using Floodgate.ReadRouter.Alerts;
using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Nodes;
using Floodgate.ReadRouter.Sessions;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;
using Npgsql;
using OpenTelemetry;

namespace Floodgate.ReadRouter.Canaries;

/// <summary>
/// Writes a number to the primary once a second and reads it back by the rules that everybody's reads go by, twice, so that the second may go
/// to another node. A read that shows less than the session wrote or read before is a violation: there must never be one.
/// </summary>
internal sealed class Canary(
    PostgresNodes nodes, NodeReader reader, NodeChooser chooser, NodeTable table, Measures measures, AlertBoard alerts,
    IOptions<RouterOptions> router, IOptions<CanaryOptions> options, TimeProvider time, ILogger<Canary> logger) : BackgroundService
{
    private const int ReadsAWrite = 2;

    private const string Write = """
        INSERT INTO canaries (id, value, written_at) VALUES ($1, $2, clock_timestamp())
        ON CONFLICT (id) DO UPDATE SET value = excluded.value, written_at = excluded.written_at
        """;

    private const string Forget = "DELETE FROM canaries WHERE written_at < clock_timestamp() - interval '1 day'";
    private const string Find = "SELECT value FROM canaries WHERE id = $1";

    // One row a process: no two of them write the same.
    private readonly Guid _id = Guid.NewGuid();
    private readonly CanarySession _session = new();
    private readonly RouteReads _reads = new(ReadPolicy.Lsn, AllowStale: false, router.Value.WaitBudget, router.Value.Window);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
            return;

        using var quiet = SuppressInstrumentationScope.Begin();
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            using var limited = new CancellationTokenSource(options.Value.Timeout, time);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(limited.Token, stoppingToken);
            try
            {
                await TurnAsync(patience.Token);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested
                && exception is NpgsqlException or NodeUnavailableException or TimeoutException or IOException or OperationCanceledException)
            {
                measures.CanaryRead(CanaryOutcome.Unavailable);
                logger.CanaryUnavailable(exception.Message);
            }
        }
    }

    private async Task TurnAsync(CancellationToken cancellationToken)
    {
        var value = _session.Next;
        _session.Writes();
        try
        {
            _session.Wrote(value, await WriteAsync(value, cancellationToken), table.Timelines);
        }
        finally
        {
            // Also without the primary: what was read before must still be there.
            for (var i = 0; i < ReadsAWrite; i++)
                await ReadBackAsync(cancellationToken);
        }
    }

    private async Task<WalPosition> WriteAsync(long value, CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        await using (var write = new NpgsqlCommand(Write, connection))
        {
            write.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _id });
            write.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });
            await write.ExecuteNonQueryAsync(cancellationToken);
        }

        if (value == 1)
        {
            await using var forget = new NpgsqlCommand(Forget, connection);
            await forget.ExecuteNonQueryAsync(cancellationToken);
        }

        return await WalPositionQuery.AfterCommitAsync(connection, cancellationToken);
    }

    private async Task ReadBackAsync(CancellationToken cancellationToken)
    {
        var isLost = table.Timelines.Judge(_session.Position) == Standing.Lost;
        var seen = new SeenState(isLost ? WalPosition.None : _session.Position, isLost, time.GetUtcNow());
        var choice = await chooser.ChooseAsync(new ReadRequest(Consistency.Session, _reads, seen, Except: null), cancellationToken);
        if (choice.Target is null)
        {
            measures.CanaryRead(CanaryOutcome.Unavailable);
            return;
        }

        var read = await reader.ReadAsync(
            new NodeRead(choice.Node, choice.AtLeast),
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Find) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = _id } } }),
            static async (row, token) => await row.ReadAsync(token) ? row.GetInt64(0) : (long?)null,
            cancellationToken);
        var mayBeLost = choice.Reason == Reasons.WriteMayBeLost || read.Reason == NodeReader.WriteMayBeLost;
        var outcome = _session.Read(read.Value, read.Position, mayBeLost, table.Timelines);
        measures.CanaryRead(outcome);
        if (outcome != CanaryOutcome.Violation)
            return;
        logger.CanaryViolation(read.Node, read.Value ?? 0, read.Position, _session.Position);
        alerts.Happened(Alert.CanaryViolation, $"{read.Node} showed {read.Value ?? 0} at {read.Position}");
    }
}
