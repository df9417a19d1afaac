using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a process of a resource is at one moment.</summary>
public sealed record CustomResourceSnapshot
{
    /// <summary>What it is, for example <c>Project</c>.</summary>
    public required string ResourceType { get; init; }

    /// <summary>Facts by name, for example <c>executable.pid</c>.</summary>
    public required ImmutableArray<ResourcePropertySnapshot> Properties { get; init; }

    /// <summary>What it does: see <see cref="KnownResourceStates"/>.</summary>
    public ResourceStateSnapshot? State { get; init; }

    /// <summary>The exit code of the last process, 128 and more for a signal.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Where it is reached.</summary>
    public ImmutableArray<UrlSnapshot> Urls { get; init; } = [];

    /// <summary>What the health checks say.</summary>
    public ImmutableArray<HealthReportSnapshot> HealthReports { get; internal init; } = [];

    /// <summary>Whether it is left out of the table.</summary>
    public bool IsHidden { get; init; }

    /// <summary>When the application knew of it, in UTC.</summary>
    public DateTime? CreationTimeStamp { get; init; }

    /// <summary>When the process started, in UTC.</summary>
    public DateTime? StartTimeStamp { get; init; }

    /// <summary>When the process ended, in UTC.</summary>
    public DateTime? StopTimeStamp { get; init; }

    /// <summary>The worst report; healthy if it runs and there is none; null if it does not run.</summary>
    public HealthStatus? HealthStatus
    {
        get
        {
            if (State?.Text != KnownResourceStates.Running)
                return null;
            return HealthReports.IsDefaultOrEmpty
                ? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy
                : HealthReports.Min(report => report.Status ?? Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Unhealthy);
        }
    }

    internal object? Property(string name) => Properties.FirstOrDefault(p => p.Name == name)?.Value;

    internal CustomResourceSnapshot WithProperty(string name, object? value)
    {
        var others = Properties.RemoveAll(property => property.Name == name);
        return this with { Properties = value is null ? others : others.Add(new(name, value)) };
    }
}

/// <summary>A fact about a resource.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record ResourcePropertySnapshot(string Name, object? Value)
{
    /// <summary>Whether it must not be shown.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>What a resource does.</summary>
/// <param name="Text">See <see cref="KnownResourceStates"/>.</param>
/// <param name="Style">See <see cref="KnownResourceStateStyles"/>; null for none.</param>
public sealed record ResourceStateSnapshot(string Text, string? Style)
{
    /// <summary>Makes a state without style.</summary>
    /// <param name="s">The state's text.</param>
    public static implicit operator ResourceStateSnapshot?(string? s) => s is null ? null : new(s, null);
}

/// <summary>Where a resource is reached.</summary>
/// <param name="Name">The endpoint's name.</param>
/// <param name="Url">The address.</param>
/// <param name="IsInternal">Whether it is meant for the application's own resources only.</param>
public sealed record UrlSnapshot(string? Name, string Url, bool IsInternal)
{
    /// <summary>How it is shown.</summary>
    public UrlDisplayPropertiesSnapshot DisplayProperties { get; init; } = new();
}

/// <summary>How an address is shown.</summary>
/// <param name="DisplayName">Instead of the address, if not empty.</param>
/// <param name="SortOrder">Higher comes first.</param>
public sealed record UrlDisplayPropertiesSnapshot(string DisplayName = "", int SortOrder = 0);

/// <summary>What a health check says.</summary>
/// <param name="Name">The health check.</param>
/// <param name="Status">Null if it has not run yet.</param>
/// <param name="Description">Why.</param>
/// <param name="ExceptionText">The exception, if there was one.</param>
public sealed record HealthReportSnapshot(string Name, HealthStatus? Status, string? Description, string? ExceptionText)
{
    /// <summary>When it last ran, in UTC.</summary>
    public DateTime? LastRunAt { get; init; }
}

/// <summary>A change of a resource.</summary>
/// <param name="resource">The resource.</param>
/// <param name="resourceId">The process: the resource's name, or with several <c>{name}-{index}</c>.</param>
/// <param name="snapshot">How it is now.</param>
public class ResourceEvent(IResource resource, string resourceId, CustomResourceSnapshot snapshot)
{
    /// <summary>The resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>The process: the resource's name, or with several <c>{name}-{index}</c>.</summary>
    public string ResourceId { get; } = resourceId;

    /// <summary>How it is now.</summary>
    public CustomResourceSnapshot Snapshot { get; } = snapshot;
}
