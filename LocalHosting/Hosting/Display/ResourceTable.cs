using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Aspire.Hosting.Display;

/// <summary>The resources as a table: name, type, state, address, health, and what is waited for.</summary>
internal sealed class ResourceTable(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<ResourceEvent> _rows = [];
    private readonly long _began = time.GetTimestamp();

    /// <summary>Counts the changes that show.</summary>
    public int Version { get; private set; }

    /// <summary>Whether every process runs and is well, or has done its work.</summary>
    public bool IsAllWell { get; private set; }

    public void Update(ResourceEvent change)
    {
        if (change.Snapshot.IsHidden || change.Resource is ParameterResource && change.Snapshot.State?.Text == KnownResourceStates.Active)
            return;
        lock (_gate)
        {
            var index = _rows.FindIndex(row => row.ResourceId == change.ResourceId);
            var before = index < 0 ? null : Cells(_rows[index]);
            if (index < 0)
                _rows.Add(change);
            else
                _rows[index] = change;
            if (before is null || !before.SequenceEqual(Cells(change)))
                Version++;
            IsAllWell = _rows.TrueForAll(row => IsWell(row.Snapshot));
        }
    }

    public IRenderable? Render()
    {
        lock (_gate)
        {
            if (_rows.Count == 0)
                return null;
            var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
            foreach (var heading in new[] { "name", "type", "state", "address", "health", "" })
                table.AddColumn(new TableColumn(heading).NoWrap());
            foreach (var row in _rows)
                table.AddRow([.. Cells(row).Zip(Styles(row.Snapshot)).Select(cell => new Text(cell.First, cell.Second))]);
            table.Caption = new TableTitle(Caption(), Style.Plain);
            return table;
        }
    }

    private static string[] Cells(ResourceEvent row)
    {
        var snapshot = row.Snapshot;
        var type = row.Resource switch
        {
            PostgresDatabaseResource => "database",
            ConnectionStringResource => "connection string",
            ParameterResource => "parameter",
            ProjectResource => "project",
            PostgresServerResource => row.Resource.Annotations.OfType<WaitAnnotation>().Any() ? "PostgreSQL replica" : "PostgreSQL",
            RedisResource => "Redis",
            RabbitMQServerResource => "RabbitMQ",
            _ => "program",
        };
        return [row.ResourceId, type, State(snapshot), string.Join(' ', snapshot.Urls.Select(url => Address(url))), Health(snapshot), Remark(snapshot)];
    }

    private static string State(CustomResourceSnapshot snapshot)
    {
        var state = snapshot.State?.Text ?? "";
        return snapshot.Property(KnownProperties.Restarts) is int restarts ? $"{state} ({restarts} restarts)" : state;
    }

    private static string Address(UrlSnapshot url) => url.Url.StartsWith("tcp://", StringComparison.Ordinal) ? url.Url[6..] : url.Url;

    private static string Health(CustomResourceSnapshot snapshot) => snapshot.State?.Text == KnownResourceStates.Running
        ? snapshot.HealthReports.Any(report => report.Status is null) ? "…" : snapshot.HealthStatus?.ToString() ?? ""
        : "";

    private static string Remark(CustomResourceSnapshot snapshot)
    {
        if (snapshot.Property(KnownProperties.WaitingFor) is string waitingFor)
            return $"waits for {waitingFor}";
        if (snapshot.State?.Text is { } state && state != KnownResourceStates.Running && snapshot.Property(KnownProperties.Problem) is string problem)
            return Short(problem);
        var unwell = snapshot.HealthReports.FirstOrDefault(report => report.Status is HealthStatus.Unhealthy or HealthStatus.Degraded);
        return unwell?.Description is { } why ? Short(why) : "";
    }

    private static string Short(string text)
    {
        const int max = 60;
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= max ? line : string.Concat(line.AsSpan(0, max - 1), "…");
    }

    private static bool IsWell(CustomResourceSnapshot snapshot) =>
        snapshot.HealthStatus == HealthStatus.Healthy
        || snapshot.State?.Text is { } state && (state == KnownResourceStates.Finished || state == KnownResourceStates.Active || state == KnownResourceStates.NotStarted);

    private static Style[] Styles(CustomResourceSnapshot snapshot)
    {
        var state = snapshot.State?.Text;
        var stateColor = state == KnownResourceStates.Running || state == KnownResourceStates.Finished || state == KnownResourceStates.Active ? Color.Green
            : state == KnownResourceStates.Exited || state == KnownResourceStates.FailedToStart || state == KnownResourceStates.ValueMissing ? Color.Red
            : Color.Yellow;
        var healthColor = snapshot.HealthStatus == HealthStatus.Healthy ? Color.Green : Color.Yellow;
        return [new Style(decoration: Decoration.Bold), Style.Plain, stateColor, Color.Blue, healthColor, Color.Grey];
    }

    private string Caption()
    {
        var elapsed = time.GetElapsedTime(_began);
        var running = _rows.Count(row => IsWell(row.Snapshot));
        return IsAllWell ? $"all {_rows.Count} up" : $"{running} of {_rows.Count} up after {(int)elapsed.TotalSeconds} s";
    }
}
