namespace Floodgate.TimelineService.Outbox;

/// <summary>Adds the outbox and its relay.</summary>
internal static class OutboxRegistration
{
    public static void AddOutbox(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<OutboxSignal>();
        builder.Services.AddSingleton<OutboxRelay>();
        builder.Services.AddHostedService(services => services.GetRequiredService<OutboxRelay>());
    }
}
