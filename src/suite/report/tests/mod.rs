mod damage;
mod made_up;
mod numbers;
mod whole;
