using Floodgate.AppHost;

var builder = DistributedApplication.CreateBuilder(args);

// Keys that sign what the outside world carries for us.
var sessionKey = builder.AddParameter("session-key", new GenerateParameterDefault { MinLength = 64, Special = false }, secret: true, persist: true);
var tokenKey = builder.AddParameter("token-key", new GenerateParameterDefault { MinLength = 64, Special = false }, secret: true, persist: true);

// Servers.
var postgres = builder.AddPostgres("postgres")
    .WithArgs("-c", "max_connections=300", "-c", "wal_keep_size=512MB", "-c", "wal_retrieve_retry_interval=500ms");
var floodgate = postgres.AddDatabase("floodgate");
var replica1 = postgres.AddPostgresReplica("replica-1");
var replica2 = postgres.AddPostgresReplica("replica-2");
var redis = builder.AddRedis("redis")
    .WithServerOptions("--maxmemory-policy noeviction", "--zset-max-listpack-entries 1024", "--save ''", "--appendonly no");
var rabbitmq = builder.AddRabbitMQ("rabbitmq");

if (builder.ExecutionContext.IsRunMode)
{
    // A developer's data outlives a run. Published, volumes are the platform's matter: PostgreSQL fails on Azure Files.
    postgres.WithDataVolume();
    replica1.WithDataVolume();
    replica2.WithDataVolume();
    rabbitmq.WithDataVolume();
}
else
{
    // In run mode the host creates the database; published, the image does, and the replicas copy it.
    postgres.WithEnvironment("POSTGRES_DB", floodgate.Resource.DatabaseName);
}

// Services.
var counter = builder.AddService<Projects.CounterService>("counter")
    .WithReplicas(2);
var timeline = builder.AddService<Projects.TimelineService>("timeline")
    .WithReplicas(2)
    .WithReference(counter);
var flush = builder.AddService<Projects.FlushWorker>("flush");
var router = builder.AddService<Projects.ReadRouter>("router", port: 8080)
    .WithExternalHttpEndpoints()
    .WithReference(timeline)
    .WithReference(counter)
    .WithReference(flush)
    .WithEnvironment("Floodgate__Authentication__Key", tokenKey)
    .WaitFor(timeline)
    .WaitFor(counter);

foreach (var service in new[] { counter, timeline, flush, router })
{
    service.WithPostgresNodes(floodgate, replica1, replica2)
        .WithReference(redis).WaitFor(redis)
        .WithReference(rabbitmq).WaitFor(rabbitmq)
        .WithEnvironment("Floodgate__Sessions__Key", sessionKey);
}

builder.Build().Run();
