namespace Floodgate.FlushWorker.Auditing;

/// <summary>What the audit is made of.</summary>
internal static class AuditRegistration
{
    /// <summary>Registers the audit.</summary>
    public static void AddAudit(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<Recount>();
        builder.Services.AddSingleton<LikesCorrection>();
        builder.Services.AddSingleton<AuditTelemetry>();
        builder.Services.AddSingleton<Auditor>();
        builder.Services.AddHostedService(services => services.GetRequiredService<Auditor>());
        builder.Services.AddHealthChecks().AddCheck<Auditor>("audit");
    }
}
