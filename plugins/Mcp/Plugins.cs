using PluginHost.Mcp;
using PluginHost.Sdk;

[assembly: Plugin<McpProvider, McpOptions>("mcp")]
