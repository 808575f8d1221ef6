//! Writes what API Gateway is given into `infra/api.yaml`, from `infra/openapi.yaml`.

use contract::{gateway, tree, yaml};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = tree::root();
    let document = yaml::parse(&std::fs::read_to_string(root.join("infra/openapi.yaml"))?)?;
    let file = root.join(gateway::FILE);
    let text = std::fs::read_to_string(&file)?;
    std::fs::write(&file, gateway::renewed(&text, &document)?)?;
    Ok(())
}
