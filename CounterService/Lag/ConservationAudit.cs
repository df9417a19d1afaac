using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Floodgate.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterService.Lag;

/// <summary>
/// Compares, all the time, what this process had confirmed with what PostgreSQL has: accepted = applied + pending + parked +
/// missing. Missing is what nobody has although later envelopes of the same producer are applied: acknowledged, and lost.
/// </summary>
internal sealed class ConservationAudit : BackgroundService, IHealthCheck
{
    // A row is a range of the ledger, or one envelope that is put aside: from x to x + 1, in the fifth column.
    private const string Sql = """
        WITH asked AS (SELECT i.partition, i.producer FROM unnest($1, $2) AS i (partition, producer))
        SELECT l.partition, l.producer, lower(r), upper(r), false
        FROM asked a JOIN flush_ledger l ON l.partition = a.partition AND l.producer = a.producer, unnest(l.applied) AS r
        UNION ALL
        SELECT p.partition, p.producer, p.sequence, p.sequence + 1, true
        FROM asked a JOIN flush_parked p ON p.partition = a.partition AND p.producer = a.producer
        WHERE p.sequence IS NOT NULL
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly LagTracker _lag;
    private readonly PostgresNodes _nodes;
    private readonly CounterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ConservationAudit> _logger;
    private readonly Conservation[] _found;

    public ConservationAudit(
        LagTracker lag, PostgresNodes nodes, CounterTelemetry telemetry, IOptions<CounterOptions> options, TimeProvider time,
        ILogger<ConservationAudit> logger)
    {
        (_lag, _nodes, _options, _time, _logger) = (lag, nodes, options.Value, time, logger);
        _found = new Conservation[lag.Partitions.Count];
        Gauge("accepted", "Confirmed by the broker.", of => of.Accepted);
        Gauge("applied", "In the ledger.", of => of.Applied);
        Gauge("pending", "In the queue, as far as can be told.", of => of.Pending);
        Gauge("parked", "Put aside.", of => of.Parked);
        Gauge("missing", "Acknowledged and nowhere.", of => of.Missing);

        void Gauge(string name, string description, Func<Conservation, Quantity> of)
        {
            telemetry.Gauge("audit." + name, "{envelope}", description, _found, found => of(found).Envelopes);
            telemetry.Gauge($"audit.{name}.writes", "{write}", description, _found, found => of(found).Writes);
        }
    }

    /// <summary>What the last audit found, by partition.</summary>
    public IReadOnlyList<Conservation> Found => _found;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var missing = _found.Sum(of => of.Missing.Envelopes);
        return Task.FromResult(missing == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"{missing} envelopes were acknowledged and are nowhere."));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(_options.AuditInterval, _time, stoppingToken);
            try
            {
                await AuditAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                CounterLog.LagUnknown(_logger, exception.Message);
            }
        }
    }

    private async Task AuditAsync(CancellationToken stoppingToken)
    {
        // What is confirmed from here on may be applied before the query, but never seems lost by it: it is too young.
        var sentBefore = _time.GetTimestamp() - (long)((Grace + (2 * _options.FlushInterval)).TotalSeconds * _time.TimestampFrequency);
        var known = await ReadAsync(stoppingToken);
        for (var partition = 0; partition < _found.Length; partition++)
        {
            var book = _lag.Partitions[partition].Book;
            foreach (var (producer, sequence) in known[partition].Highest)
            {
                book.SetHighest(producer, sequence);
            }

            var found = book.Audit(known[partition].IsApplied, known[partition].IsParked, sentBefore);
            if (found.Missing.Envelopes > 0)
            {
                CounterLog.Missing(_logger, partition, found.Missing.Envelopes, found.Missing.Writes);
            }

            _found[partition] = found;
        }
    }

    private async Task<AccountedFor[]> ReadAsync(CancellationToken stoppingToken)
    {
        var known = Array.ConvertAll(_found, _ => new AccountedFor());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(Patience);
        await using var command = _nodes.Primary.CreateCommand(Sql);
        _lag.AddOpen(command);
        await using var reader = await command.ExecuteReaderAsync(limit.Token);
        while (await reader.ReadAsync(limit.Token))
        {
            var of = known[reader.GetInt32(0)];
            if (reader.GetBoolean(4))
            {
                of.AddParked(reader.GetGuid(1), reader.GetInt64(2));
            }
            else
            {
                of.AddApplied(reader.GetGuid(1), reader.GetInt64(2), reader.GetInt64(3));
            }
        }

        return known;
    }
}
