using Floodgate.Messaging.Counters;

namespace Floodgate.FlushWorker.Retiring;

/// <summary>What the cleaning is made of.</summary>
internal static class RetiringRegistration
{
    /// <summary>Registers the cleaning.</summary>
    public static void AddRetiring(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<RetiringOptions>().BindConfiguration(CounterQueueOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<Cleaning>();
        builder.Services.AddHostedService<CleaningService>();
    }
}
