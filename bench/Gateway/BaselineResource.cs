using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Floodgate.Bench.Gateway;

/// <summary>The baselines as a part of the started system, on the same servers.</summary>
internal static class BaselineResource
{
    /// <summary>What the resource is called.</summary>
    public const string Name = "baselines";

    private const string Database = "floodgate";

    /// <summary>Adds it.</summary>
    /// <param name="builder">The description of the system.</param>
    /// <param name="fewConnections">How many connections the baseline with few of them has.</param>
    public static void AddBaselines(this IDistributedApplicationBuilder builder, int fewConnections)
    {
        var database = builder.CreateResourceBuilder((PostgresDatabaseResource)builder.Resources.Single(resource => resource.Name == Database));
        var redis = builder.CreateResourceBuilder(builder.Resources.OfType<RedisResource>().Single());
        builder.AddExecutable(Name, "dotnet", AppContext.BaseDirectory, "exec", Path.Combine(AppContext.BaseDirectory, "Floodgate.Bench.Baselines.dll"))
            .WithHttpEndpoint(env: "Baselines__Port", isProxied: false)
            .WithHttpHealthCheck("/health")
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
            .WithEnvironment("Baselines__FewConnections", fewConnections.ToString(CultureInfo.InvariantCulture))
            .WithReference(database).WaitFor(database)
            .WithReference(redis).WaitFor(redis);
    }
}
