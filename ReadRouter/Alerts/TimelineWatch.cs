using System.Globalization;
using System.Text.Json;
using Floodgate.ReadRouter.Routing;
using Floodgate.ReadRouter.Status;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Alerts;

/// <summary>Asks the instances of TimelineService whether home timelines differed from SQL lately.</summary>
internal sealed class TimelineWatch(InternalCalls calls, AlertBoard board, IOptions<TimelineWatchOptions> options, TimeProvider time) : BackgroundService
{
    private static readonly string[] Kinds = ["missing", "extra", "duplicate", "disordered"];

    /// <summary>What to say of what the instances answered; null where none has found anything within the time.</summary>
    /// <param name="instances">The sampled oracle's report of each instance.</param>
    /// <param name="within">The time.</param>
    public static string? Describe(IEnumerable<JsonElement> instances, TimeSpan within)
    {
        var recent = instances.Where(instance => AgeOf(instance) <= within.TotalSeconds).ToList();
        if (recent.Count == 0)
            return null;
        var counts = string.Join(", ", Kinds.Select(kind => string.Create(CultureInfo.InvariantCulture, $"{recent.Sum(instance => CountOf(instance, kind))} {kind}")));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"home timelines differed from SQL: {counts} of {recent.Sum(instance => CountOf(instance, "entries"))} entries compared; the last {recent.Min(AgeOf):F0} s ago");
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var answers = await calls.GetAllAsync(RouteTable.Timeline, "/internal/oracle/samples", stoppingToken);
            var known = answers.OfType<JsonElement>().Where(answer => answer.ValueKind == JsonValueKind.Object).ToList();

            // Where nobody answers, nothing is known, and what was known holds.
            if (known.Count > 0)
                board.Set(Alert.TimelineDifference, Describe(known, options.Value.Holds));
        }
    }

    private static double AgeOf(JsonElement instance) =>
        instance.TryGetProperty("lastDifferenceAgeSeconds", out var age) && age.ValueKind == JsonValueKind.Number ? age.GetDouble() : double.PositiveInfinity;

    private static long CountOf(JsonElement instance, string name) =>
        instance.TryGetProperty(name, out var count) && count.TryGetInt64(out var value) ? value : 0;
}
