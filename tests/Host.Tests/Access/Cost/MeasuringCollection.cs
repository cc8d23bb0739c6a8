namespace PluginHost.Tests.Access.Cost;

/// <summary>Allocated bytes are counted for the whole process, so these tests run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuringCollection
{
    public const string Name = "Measuring";
}
