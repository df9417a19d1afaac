using Floodgate.TimelineTests;

[assembly: AssemblyFixture(typeof(Servers))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]
