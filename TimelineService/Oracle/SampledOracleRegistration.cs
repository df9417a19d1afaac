namespace Floodgate.TimelineService.Oracle;

/// <summary>What the sampled oracle is made of.</summary>
internal static class SampledOracleRegistration
{
    public static void AddSampledOracle(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<OracleOptions>()
            .BindConfiguration(OracleOptions.Section)
            .ValidateDataAnnotations()
            .Validate(options => options.Recheck <= options.Settle, "Floodgate:Timelines:Oracle:Recheck must not be longer than Settle.")
            .Validate(
                options => options.ActiveFor >= options.Interval,
                "Floodgate:Timelines:Oracle:ActiveFor must not be shorter than Interval: readers would be forgotten before one is picked.")
            .ValidateOnStart();
        builder.Services.AddSingleton<RecentReaders>();
        builder.Services.AddSingleton<TimelineTruth>();
        builder.Services.AddSingleton<TimelineWalker>();
        builder.Services.AddSingleton<OnTheWay>();
        builder.Services.AddSingleton<OracleTotals>();
        builder.Services.AddSingleton<OracleMetrics>();
        builder.Services.AddSingleton<TimelineLook>();
        builder.Services.AddSingleton<SampledOracle>();
        builder.Services.AddHostedService<OracleLoop>();
    }
}
