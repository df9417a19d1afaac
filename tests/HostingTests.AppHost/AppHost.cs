using Microsoft.Extensions.Configuration;

// All kinds of resource, in a small application. --Without:rabbitmq=true leaves the slowest server out.
var builder = DistributedApplication.CreateBuilder(args);

var key = builder.AddParameter("key", new GenerateParameterDefault { MinLength = 64, Special = false }, secret: true, persist: true);
var postgres = builder.AddPostgres("postgres").WithArgs("-c", "max_connections=150").WithDataVolume();
var database = postgres.AddDatabase("things");
var replica1 = postgres.AddPostgresReplica("replica-1").WithDataVolume();
var replica2 = postgres.AddPostgresReplica("replica-2").WithDataVolume();
var redis = builder.AddRedis("redis").WithArgs("--maxmemory-policy", "noeviction");

var backend = builder.AddProject<Projects.HostingTests_Service>("backend", launchProfileName: null)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReplicas(2);
var service = builder.AddProject<Projects.HostingTests_Service>("service", launchProfileName: null)
    .WithHttpEndpoint(port: 8091)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithReference(backend).WaitFor(backend)
    .WithReference(database).WaitFor(database)
    .WithReference(redis).WaitFor(redis)
    .WithEnvironment("ConnectionStrings__replica-1", ReferenceExpression.Create($"{replica1};Database=things"))
    .WithEnvironment("KEY", key)
    .WaitFor(replica1)
    .WaitFor(replica2);

if (!builder.Configuration.GetValue("Without:rabbitmq", defaultValue: false))
{
    var rabbitmq = builder.AddRabbitMQ("rabbitmq").WithDataVolume();
    service.WithReference(rabbitmq).WaitFor(rabbitmq);
}

builder.Build().Run();
