using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.CounterService.Lag;

/// <summary>
/// Asks the primary, in one query for all partitions, how far the ledger has got with the envelopes of this process. While
/// it does not answer, the lag simply grows.
/// </summary>
internal sealed class LagTracker : BackgroundService
{
    private const string Sql = """
        SELECT l.partition, l.producer, upper(l.applied) - 1 FROM unnest($1, $2) AS i (partition, producer)
        JOIN flush_ledger l ON l.partition = i.partition AND l.producer = i.producer
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly PostgresNodes _nodes;
    private readonly CounterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<LagTracker> _logger;

    public LagTracker(PostgresNodes nodes, CounterTelemetry telemetry, IOptions<CounterOptions> options, TimeProvider time, ILogger<LagTracker> logger)
    {
        _nodes = nodes;
        _options = options.Value;
        _time = time;
        _logger = logger;
        Partitions = [.. Enumerable.Range(0, _options.Partitions).Select(_ => new PartitionLag(_options, time))];
        telemetry.Gauge("queue.age", "s", "Age of the oldest confirmed envelope that the ledger does not have.", Partitions, lag => lag.Age.TotalSeconds);
        telemetry.Gauge("queue.time_to_drain", "s", "Until the ledger has all of them.", Partitions, lag => lag.TimeToDrain.TotalSeconds);
        telemetry.Gauge("queue.backlog", "{envelope}", "Confirmed envelopes that the ledger does not have.", Partitions, lag => lag.Backlog);
        telemetry.Gauge("window", "s", "For how long writes are gathered.", Partitions, lag => lag.Window.TotalSeconds);
    }

    /// <summary>The lag, by partition.</summary>
    public IReadOnlyList<PartitionLag> Partitions { get; }

    /// <summary>Gives a command, as $1 and $2, the partitions and producers of which something is open.</summary>
    /// <returns>Whether there is any.</returns>
    public bool AddOpen(NpgsqlCommand command)
    {
        var open = Partitions.SelectMany((lag, partition) => lag.Book.Producers().Select(producer => (partition, producer))).ToArray();
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(open, of => of.partition) });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(open, of => of.producer) });
        return open.Length > 0;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await AskAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                CounterLog.LagUnknown(_logger, exception.Message);
            }

            foreach (var partition in Partitions)
            {
                partition.Update();
            }

            await Task.Delay(_options.LagInterval, _time, stoppingToken);
        }
    }

    private async Task AskAsync(CancellationToken stoppingToken)
    {
        await using var command = _nodes.Primary.CreateCommand(Sql);
        if (!AddOpen(command))
        {
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(Patience);
        await using var reader = await command.ExecuteReaderAsync(limit.Token);
        while (await reader.ReadAsync(limit.Token))
        {
            Partitions[reader.GetInt32(0)].Book.SetHighest(reader.GetGuid(1), reader.GetInt64(2));
        }
    }
}
