namespace Floodgate.TimelineService.Streaming;

/// <summary>Adds live updates of home timelines.</summary>
internal static class StreamRegistration
{
    public static void AddStreaming(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<StreamOptions>()
            .BindConfiguration(StreamOptions.Section)
            .ValidateDataAnnotations()
            .Validate(options => options.Interval <= options.Heartbeat, "Floodgate:Timelines:Stream:Interval must not exceed Heartbeat.")
            .Validate(options => options.StreamsPerUser <= options.MaximumStreams, "Floodgate:Timelines:Stream:StreamsPerUser must not exceed MaximumStreams: one user could shut all others out.")
            .ValidateOnStart();
        services.AddSingleton<StreamMetrics>();
        services.AddSingleton<StreamSlots>();
        services.AddSingleton<StreamOutage>();
        services.AddSingleton<NewestPosts>();
        services.AddSingleton(provider => new Jitter(provider.GetService<Random>() ?? new Random()));

        // A request is a stream.
        services.AddScoped<ScreenPoll>();
        services.AddScoped<TimelineStream>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, StreamJson.Default));
    }

    public static void MapStreaming(this WebApplication app) => app.MapGet("/timeline/stream", StreamEndpoint.HandleAsync);
}
