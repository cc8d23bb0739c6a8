using System.Xml.Linq;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace PluginHost.Tests.Deploy;

/// <summary>The manifests for Kubernetes fit the image and the host, and each other.</summary>
public sealed class KubernetesTests
{
    private static readonly Dictionary<string, YamlMappingNode> Manifests = Read("pluginhost.yaml");

    private static readonly Dictionary<string, YamlMappingNode> Hosts = Read("hosts.yaml");

    private static readonly string Dockerfile = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "Dockerfile"));

    private static YamlNode Spec => Manifests["StatefulSet"].Find("spec")!;

    private static YamlNode Pod => Spec.Find("template")!.Find("spec")!;

    private static YamlNode Container => Assert.Single(List(Pod, "containers"));

    [Fact]
    public void The_configuration_is_one_that_the_host_starts_with()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("appsettings.json", Text(Manifests["ConfigMap"].Find("data")!, "appsettings.json"));
        var environment = new Dictionary<string, string> { ["PLUGINHOST_DEFAULT__Server__Listen__0"] = "http://0.0.0.0:5080", ["PLUGINHOST_API_KEY"] = "a-long-random-key", ["PLUGINHOST_ADMIN_KEY"] = "another-random-key" };

        Assert.All(environment.Keys.Take(1), name => Assert.Contains(name, Dockerfile, StringComparison.Ordinal));
        Assert.Empty(ConfigurationLoader.Load(file, environment, [], HostPaths.Current).Errors);
    }

    [Fact]
    public void One_pod_owns_the_data() => Assert.Equal(("1", "ReadWriteOncePod"), (
        Text(Spec, "replicas"), Assert.Single(Assert.Single(List(Spec, "volumeClaimTemplates")).Find("spec")!.Find("accessModes").Items())));

    [Fact]
    public void The_service_and_the_probes_lead_to_the_port_of_the_host()
    {
        var port = Assert.Single(List(Container, "ports"));
        Assert.Contains($":{Text(port, "containerPort")}", Dockerfile, StringComparison.Ordinal);
        Assert.Equal(Text(port, "name"), Text(Assert.Single(List(Manifests["Service"].Find("spec")!, "ports")), "targetPort"));
        Assert.Equal(Manifests["Service"].Find("spec")!.Find("selector"), Spec.Find("template")!.Find("metadata")!.Find("labels"));
        foreach (var (probe, path) in new[] { ("startupProbe", "/health/live"), ("livenessProbe", "/health/live"), ("readinessProbe", "/health/ready") })
        {
            var call = Container.Find(probe)!.Find("httpGet")!;
            Assert.Equal((path, Text(port, "name")), (Text(call, "path"), Text(call, "port")));
        }
    }

    [Fact]
    public void What_is_mounted_is_there_and_only_that_can_be_written()
    {
        var volumes = List(Pod, "volumes").Select(v => Text(v, "name")).Append(Text(Assert.Single(List(Spec, "volumeClaimTemplates")).Find("metadata")!, "name")).ToList();
        var mounts = List(Container, "volumeMounts").ToDictionary(m => Text(m, "mountPath"), m => Text(m, "name"));

        Assert.Equal(volumes.Order(), mounts.Values.Order());
        Assert.Contains("VOLUME [\"/data\"]", Dockerfile, StringComparison.Ordinal);
        Assert.Equal("data", mounts["/data"]);
        Assert.Equal(("true", "false"), (Text(Container.Find("securityContext")!, "readOnlyRootFilesystem"), Text(Container.Find("securityContext")!, "allowPrivilegeEscalation")));
        Assert.NotNull(Container.Find("resources")!.Find("limits")!.Find("memory"));
    }

    [Fact]
    public void A_stop_leaves_the_host_the_time_that_it_needs()
    {
        // Runs, then plugins, then telemetry.
        var needed = new ServerConfiguration().ShutdownTimeout + TimeSpan.FromSeconds(8);
        Assert.True(TimeSpan.FromSeconds(int.Parse(Text(Pod, "terminationGracePeriodSeconds"), null)) > needed);
    }

    [Fact]
    public void Of_several_hosts_each_says_where_the_others_reach_it_and_leaves_in_time()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("appsettings.json", Text(Hosts["ConfigMap"].Find("data")!, "appsettings.json"));
        var pod = Hosts["Deployment"].Find("spec")!.Find("template")!;
        var container = Assert.Single(List(pod.Find("spec")!, "containers"));
        var variables = List(container, "env").ToDictionary(v => Text(v, "name"), v => v);
        var environment = new Dictionary<string, string>
        {
            ["PLUGINHOST_API_KEY"] = "key",
            ["PLUGINHOST_DATABASE"] = "Host=db",
            ["PLUGINHOST_CLUSTER_KEY"] = "sixteen-characters",
            ["Cluster__Address"] = Text(variables["Cluster__Address"], "value").Replace("$(POD_IP)", "10.0.0.7", StringComparison.Ordinal),
        };

        var loaded = ConfigurationLoader.Load(file, environment, [], HostPaths.Current);
        Assert.Empty(loaded.Errors);
        Assert.Equal(Text(Assert.Single(List(container, "ports")), "containerPort"), $"{loaded.Configuration!.Cluster.Address!.Port}");
        Assert.Equal("status.podIP", Text(variables["POD_IP"].Find("valueFrom")!.Find("fieldRef")!, "fieldPath"));

        var labels = pod.Find("metadata")!.Find("labels");
        Assert.Equal(labels, Hosts["Service"].Find("spec")!.Find("selector"));
        Assert.Equal(labels, Hosts["PodDisruptionBudget"].Find("spec")!.Find("selector")!.Find("matchLabels"));
        var needed = new ServerConfiguration().ShutdownTimeout + TimeSpan.FromSeconds(8 + int.Parse(Text(container.Find("lifecycle")!.Find("preStop")!.Find("sleep")!, "seconds"), null));
        Assert.True(TimeSpan.FromSeconds(int.Parse(Text(pod.Find("spec")!, "terminationGracePeriodSeconds"), null)) > needed);
    }

    [Fact]
    public void The_image_has_the_version_of_the_repository()
    {
        var version = XDocument.Load(Path.Combine(RepositoryFiles.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
        Assert.EndsWith($":{version}", Text(Container, "image"), StringComparison.Ordinal);
        Assert.Equal(Text(Container, "image"), Text(Assert.Single(List(Hosts["Deployment"].Find("spec")!.Find("template")!.Find("spec")!, "containers")), "image"));
    }

    private static Dictionary<string, YamlMappingNode> Read(string file)
    {
        var stream = new YamlStream();
        using var text = File.OpenText(Path.Combine(DeployFiles.Folder, "kubernetes", file));
        stream.Load(new Parser(text));
        return stream.Documents.Select(d => (YamlMappingNode)d.RootNode).ToDictionary(d => Text(d, "kind"));
    }

    private static string Text(YamlNode node, string key) => ((YamlScalarNode)node.Find(key)!).Value!;

    private static IEnumerable<YamlNode> List(YamlNode node, string key) => ((YamlSequenceNode)node.Find(key)!).Children;
}
