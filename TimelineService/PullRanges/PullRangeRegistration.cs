using Floodgate.Leases;

namespace Floodgate.TimelineService.PullRanges;

/// <summary>Adds what decides whether posts are pushed or merged.</summary>
internal static class PullRangeRegistration
{
    public static void AddPullRanges(this WebApplicationBuilder builder)
    {
        builder.AddLeaseCache(PullRangeCache.Entity);
        builder.Services.AddSingleton<PullRangeCache>();
        builder.Services.AddSingleton<PullRangeStore>();
        builder.Services.AddSingleton<PulledPosts>();
        builder.Services.AddSingleton<Audiences>();
        builder.Services.AddSingleton<Shedding>();
    }
}
